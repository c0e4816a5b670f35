import type { ComponentChildren } from "preact";
import type { Refusal } from "../api/client";
import { count } from "../format";
import { Trouble } from "./Notes";

export interface Column<T> {
  name: string;
  cell: (row: T) => ComponentChildren;
  isNumber?: boolean;
  /** Names its row. */
  isHead?: boolean;
  /** A path or another text of any length: cut, whole in its title. */
  textOf?: (row: T) => string;
}

interface TableProps<T> {
  caption: string;
  columns: Column<T>[];
  rows: T[];
  keyOf: (row: T) => string | number;
  isTall?: boolean;
}

/** A table that scrolls by itself, so that the page never does sideways. */
export function Table<T>({ caption, columns, rows, keyOf, isTall }: TableProps<T>) {
  return (
    <div class={isTall ? "scroll tall" : "scroll"} role="region" aria-label={`Table: ${caption}`} tabIndex={0}>
      <table>
        <caption class="hidden">{caption}</caption>
        <thead><tr>{columns.map((c) => <th key={c.name} scope="col" class={c.isNumber ? "number" : undefined}>{c.name}</th>)}</tr></thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((c) => {
                const kind = c.isNumber ? "number" : c.textOf ? "path" : undefined;
                return c.isHead
                  ? <th key={c.name} scope="row" class={kind} title={c.textOf?.(row)}>{c.cell(row)}</th>
                  : <td key={c.name} class={kind} title={c.textOf?.(row)}>{c.cell(row)}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface Source<T> {
  items: T[] | null;
  error: Refusal | null;
  again: () => void;
  hasMore?: boolean;
  isLoading?: boolean;
  more?: () => void;
}

interface ListingProps<T> extends Omit<TableProps<T>, "rows"> {
  from: Source<T>;
  /** What to say, and what to do, when there is nothing. */
  empty: ComponentChildren;
}

/** A list in any state: asked for, refused, empty, or as a table with a button for what follows. */
export function Listing<T>({ from, empty, ...table }: ListingProps<T>) {
  return (
    <>
      {from.error && <Trouble refusal={from.error} retry={from.again} />}
      {!from.items ? (from.error ? null : <Waiting />)
        : from.items.length === 0 ? <p class="quiet">{empty}</p>
        : <Table {...table} rows={from.items} />}
      {from.items && from.hasMore && (
        <p class="following">
          <button type="button" disabled={from.isLoading} onClick={from.more}>{from.isLoading ? "Loading…" : "Show more"}</button>
          <span class="quiet" role="status">{count(from.items.length)} rows shown</span>
        </p>
      )}
    </>
  );
}

export function Waiting() {
  return <p class="waiting" role="status">Loading…</p>;
}
