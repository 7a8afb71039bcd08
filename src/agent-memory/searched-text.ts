/** The text of a memory that is embedded and searched: whoever said it is part of what was said. */
export function searchedText(memory: Readonly<{ content: string; actor?: string | null }>): string {
  const { content, actor } = memory;
  return actor === undefined || actor === null ? content : `${actor}: ${content}`;
}
