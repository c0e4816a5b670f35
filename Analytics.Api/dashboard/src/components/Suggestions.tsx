import { useState } from "preact/hooks";
import { change, type SuggestionRow } from "../api/client";
import { count } from "../format";
import { filter, usePlace } from "../navigation";
import { useAction } from "../useAction";
import { useSuggestions } from "../useSuggestions";
import { Choice } from "./Filters";
import { Listing } from "./Listing";
import { Panel } from "./Panel";

const base = "/v1/suggestions";
const scores = [["0.5", "50 % or more"], ["0.8", "80 % or more"]] as const;

type Answer = "confirm" | "reject";
const keyOf = (row: SuggestionRow) => `${row.query} ${row.site} ${row.path}`;

/** Pages that queries may be linked to by their words, for people to decide. What was decided stays where it stood, so that nobody loses their place. */
export function Suggestions() {
  const { view } = usePlace();
  const { score = "", brand = "" } = view.filters;
  const list = useSuggestions(`${base}?${new URLSearchParams({ limit: "100", ...(score && { min_score: score }), ...(brand && { brand }) })}`);
  const [answers, setAnswers] = useState<Record<string, Answer>>({});
  const action = useAction(() => {});
  const say = async (row: SuggestionRow, answer: Answer | "undo", done: string) => {
    if (action.isBusy) return;
    const isDone = await action.run(() => change("POST", `${base}/${answer}`, { suggestions: [{ query: row.query, site: row.site, path: row.path }] }), done);
    if (!isDone) return;
    setAnswers(({ [keyOf(row)]: _, ...others }) => (answer === "undo" ? others : { ...others, [keyOf(row)]: answer }));
  };
  return (
    <Panel id="suggestions" title="Suggestions">
      <p class="quiet">Pages of your sites that have the words of a query. A confirmed page is linked to all engines of the query: when it changes, they are asked again.</p>
      <div class="filters"><Choice label="Score" value={score} choices={scores} change={(value) => filter(view, { score: value })} /></div>
      {action.said}
      <Listing
        caption="Suggested pages, of queries without links first" from={list} keyOf={keyOf}
        columns={[
          { name: "Query", isHead: true, cell: (row) => <><span class="words">{row.text}</span><small>{row.brand}, {row.targets.length === 1 ? "1 engine" : `${row.targets.length} engines`}</small></> },
          { name: "Page", cell: (row) => <><span class="words">{row.title || row.path}</span><small class="words">{row.site} {row.path}</small></> },
          { name: "Why", cell: (row) => <><span class="words">{Math.round(row.score * 100)} %: {row.words.join(", ")}</span><small class="words">{row.snippet}</small></> },
          { name: "Decide", cell: (row) => <Decision row={row} answer={answers[keyOf(row)]} say={say} /> },
        ]}
        empty={list.pages === 0
          ? "No page texts yet. When verified crawlers fetch pages of your sites through the edge, their words are kept (unless privacy.pageTexts of a site is false), and pages are suggested here."
          : list.queries === 0 ? "No query yet. Import queries by weir targets import; they need no pages." : `None of ${count(list.queries)} queries has a page that answers it and is not linked yet; ${count(list.pages)} pages are known.`}
      />
    </Panel>
  );
}

function Decision({ row, answer, say }: { row: SuggestionRow; answer: Answer | undefined; say: (row: SuggestionRow, answer: Answer | "undo", done: string) => void }) {
  const what = `${row.path} for ${row.text}`;
  // The first button stays the same one, so that the keyboard's place is kept.
  return (
    <span class="actions">
      {answer
        ? <button type="button" aria-label={`Undo ${what}`} onClick={() => say(row, "undo", `${what} is open again.`)}>Undo</button>
        : <button type="button" aria-label={`Confirm ${what}`} onClick={() => say(row, "confirm", `${what} is linked.`)}>Confirm</button>}
      {answer ? <span>{answer === "confirm" ? "linked" : "refused"}</span>
        : <button type="button" aria-label={`Reject ${what}`} onClick={() => say(row, "reject", `${what} is not suggested again.`)}>Reject</button>}
    </span>
  );
}
