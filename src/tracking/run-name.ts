import { randomInt } from "node:crypto";
import { DuetMindError } from "../core/errors.ts";
import { assertTag } from "./batch-limits.ts";
import { cutText, givenTwice, MAX_TAG_VALUE } from "./limits.ts";
import { type Entry, RUN_NAME_TAG } from "./log-batch.ts";

const ADJECTIVES = `able agile amber apt azure bold brave brisk calm civil clear clever cosmic crisp
  deft dewy eager early easy even exact fair fast fine fleet fond frank free fresh gentle glad golden
  grand green happy hardy hazel humble jolly keen kind lively loyal lucid lunar mellow merry mild
  modest neat noble novel olive pale plain polar proud quick quiet rapid ready robust rosy royal sage
  serene sharp silent silver smart snug solar solid spry steady sunny swift tidy true upbeat velvet
  vivid warm wise witty young zesty`.split(/\s+/);
const NOUNS =
  `acorn alder ant aspen badger bay beech birch bison brook canyon cedar cliff cloud coast
  comet coral crane creek crow dale dawn deer delta dove dune eagle elk elm ember falcon fern field
  finch fjord forest fox frost glade goose grove gull hare harbor hawk hazel heron hill horse isle
  jay juniper lake lark leaf lion lynx maple marsh meadow mesa moon moss oak ocean orca otter owl
  palm peak pear pine plum pond quail rain raven reef ridge river robin rook seal shore sky snow
  spruce star stone stork stream swan tern thrush tide tiger trail vale wave whale willow wind wolf
  wren yew`.split(/\s+/);
const LARGEST_NUMBER = 1000;

/**
 * The name of a new run and its tags, sorted by key: the name is asked for, or in the tag mlflow.runName,
 * or made up; and it is kept as that tag too. An empty one is none.
 */
export function nameRun(
  asked: string | undefined,
  given: readonly Entry[],
  generate: () => string = generateRunName,
): Readonly<{ name: string; tags: readonly Entry[] }> {
  const tags = new Map<string, string>();
  given.forEach((tag, index) => {
    assertTag(tag, `tags[${index}].`);
    if (tags.has(tag.key)) throw givenTwice(tag.key);
    tags.set(tag.key, cutText(tag.value, MAX_TAG_VALUE));
  });
  const wanted = cutText(asked ?? "", MAX_TAG_VALUE);
  const tagged = tags.get(RUN_NAME_TAG) ?? "";
  if (wanted !== "" && tagged !== "" && wanted !== tagged) {
    throw new DuetMindError(
      "BAD_INPUT",
      `Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='${wanted}', mlflow.runName='${tagged}').`,
    );
  }
  const name = wanted || tagged || generate();
  tags.set(RUN_NAME_TAG, name);
  const sorted = [...tags].sort(([a], [b]) => (a < b ? -1 : 1));
  return { name, tags: sorted.map(([key, value]) => ({ key, value })) };
}

/** A name for a run that was given none, such as `brisk-heron-417`; at most 20 characters. */
export function generateRunName(random: (below: number) => number = randomInt): string {
  const adjective = ADJECTIVES[random(ADJECTIVES.length)]!;
  const noun = NOUNS[random(NOUNS.length)]!;
  return `${adjective}-${noun}-${random(LARGEST_NUMBER + 1)}`;
}
