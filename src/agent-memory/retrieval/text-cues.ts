/** What a text tells about itself beside its words. */
export type TextCues = Readonly<{
  /** Who says it, in lower case. */
  speaker: string | undefined;
  isQuestion: boolean;
  /** 0 to 1: a text of few words says little. */
  substance: number;
}>;

const FULL_WORDS = 25;

/** Of a text as `Ann: the scan is on Friday`, or of what an actor said. */
export function textCues(content: string, actor: string | null): TextCues {
  const named = /^\s*(\p{L}[^:\n]{0,60}):\s/u.exec(content);
  const speaker = (actor ?? named?.[1])?.toLowerCase();
  const body = named === null ? content : content.slice(named[0].length);
  const words = body.match(/[\p{L}\p{N}]{3,}/gu)?.length ?? 0;
  return {
    speaker,
    // a remark in brackets, such as what a picture shows, may follow
    isQuestion: /\?["”')]*\s*(?:[[(][^\])]*[\])]\s*)?$/.test(body),
    substance: Math.min(1, words / FULL_WORDS),
  };
}

/** The words of a query, in lower case, among which `namesSpeaker` looks for a name. */
export function queryWords(query: string): ReadonlySet<string> {
  return new Set(query.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
}

/** Whether a query names a speaker: by all of the name, or by its first word. */
export function namesSpeaker(words: ReadonlySet<string>, speaker: string | undefined): boolean {
  const first = speaker?.match(/[\p{L}\p{N}]+/u)?.[0];
  return first !== undefined && words.has(first);
}
