import type { ComponentChildren } from "preact";

interface Props {
  id: string;
  title: string;
  tools?: ComponentChildren;
  children: ComponentChildren;
}

/** One subject of a view, with its name and what can be done with it. */
export function Panel({ id, title, tools, children }: Props) {
  return (
    <section class="panel" aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {tools && <div class="tools">{tools}</div>}
      </header>
      {children}
    </section>
  );
}
