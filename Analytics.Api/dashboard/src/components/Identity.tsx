import { count, shortCount } from "../format";

const shapes = {
  verified: <path d="M3.2 8.4l3 3 6.2-6.6" />,
  spoofed: <path d="M4 4l8 8M12 4l-8 8" />,
  unverifiable: <path d="M5.4 5.8a2.6 2.6 0 1 1 3.5 2.6c-.6.3-.9.7-.9 1.4M8 12.6v.1" />,
  pending: <path d="M8 4v4l2.6 1.8" />,
} as const;

/** An identity by its word and its shape; colour only adds to them. */
export function Identity({ name, hits }: { name: string; hits?: number }) {
  const shape = shapes[name as keyof typeof shapes];
  if (!shape) return <span class="identity">{name.replace("-", " ")}</span>;
  return (
    <span class={`identity ${name}`} title={hits === undefined ? undefined : `${count(hits)} ${name}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true">{shape}</svg>
      {hits === undefined ? name : `${shortCount(hits)} ${name}`}
    </span>
  );
}
