import fc from "fast-check";
import { expect, test } from "vitest";
import { stemWord } from "../../../src/agent-memory/retrieval/stem-word.ts";
import { termCode, termCodes, textTerms } from "../../../src/agent-memory/retrieval/text-terms.ts";
import { digestBytes } from "../../../src/core/hash.ts";

test("stems are those that Porter's article gives", () => {
  const examples = {
    ...{ caresses: "caress", ponies: "poni", ties: "ti", caress: "caress", cats: "cat" },
    ...{ feed: "feed", agreed: "agre", plastered: "plaster", bled: "bled", motoring: "motor" },
    ...{ sing: "sing", conflated: "conflat", troubled: "troubl", sized: "size", hopping: "hop" },
    ...{ falling: "fall", hissing: "hiss", fizzed: "fizz", failing: "fail", filing: "file" },
    ...{
      happy: "happi",
      sky: "sky",
      relational: "relat",
      conditional: "condit",
      digitizer: "digit",
    },
    ...{ vietnamization: "vietnam", operator: "oper", feudalism: "feudal", decisiveness: "decis" },
    ...{ hopefulness: "hope", formaliti: "formal", sensibiliti: "sensibl", triplicate: "triplic" },
    ...{ formative: "form", formalize: "formal", electrical: "electr", goodness: "good" },
    ...{ revival: "reviv", allowance: "allow", inference: "infer", airliner: "airlin" },
    ...{ adjustable: "adjust", defensible: "defens", irritant: "irrit", replacement: "replac" },
    ...{ adjustment: "adjust", dependent: "depend", adoption: "adopt", communism: "commun" },
    ...{ activate: "activ", homologous: "homolog", effective: "effect", bowdlerize: "bowdler" },
    ...{ probate: "probat", rate: "rate", cease: "ceas", controll: "control", roll: "roll" },
  };
  const stems = Object.keys(examples).map((word) => [word, stemWord(word)]);
  expect(Object.fromEntries(stems)).toEqual(examples);
});

test("terms are stems in order, without stop words, case, accents and what follows an apostrophe", () => {
  expect(textTerms("Ann: The Café’s adoptions, in 2024!")).toEqual([
    "ann",
    "cafe",
    "adopt",
    "2024",
  ]);
  expect(textTerms("to be or not to be")).toEqual(["to", "be", "or", "not", "to", "be"]);
  expect(textTerms("?!")).toEqual([]);
  expect(textTerms("пациент 12 ÅNGSTRÖM")).toEqual(["пациент", "12", "angstrom"]);
});

test("any text has terms, and the code of a term is a number of 32 bits that stays", () => {
  const seal = { digest: (text: string) => digestBytes(`key ${text}`) };
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      for (const term of textTerms(text)) {
        const number = termCode(term);
        expect(number | 0).toBe(number);
        const all = termCodes(term, seal);
        expect(all).toHaveLength(2);
        expect([...all]).toEqual([termCode(term, seal), number]);
      }
    }),
  );
});
