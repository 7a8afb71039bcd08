import { address, town } from "./address-rules.ts";
import { email, ipAddress, phone, socialSecurity, url } from "./contact-rules.ts";
import { age, date } from "./date-rules.ts";
import { listedNames, nameRules } from "./name-rules.ts";
import { recordNumber } from "./record-rules.ts";
import { type Redaction, type Rule, redact } from "./redact.ts";

/**
 * Redaction of clinical text in English: names, dates, ages above 89, record numbers, telephone, e-mail
 * and postal addresses, URLs, IP addresses and social security numbers become typed placeholders; what
 * a clinician needs (scores, genotypes, doses, ages below 90, years) stays.
 *
 *     "Mrs. Ames (MRN 0041722), 93 years old, MMSE 24/30 on 3/15/2024"
 *     "Mrs. [NAME] (MRN [MRN]), [AGE] years old, MMSE 24/30 on [DATE]"
 *
 * It works by form and by words nearby, so it lessens what is stored and is no proof of anonymity:
 * docs/memory.md says what it misses and how often.
 */
export function createClinicalRedaction(
  names: readonly string[] = [],
): (text: string) => Redaction {
  const rules = clinicalRules(names);
  return (text) => redact(text, rules);
}

/** The rules in the order in which they are tried at each token. */
export function clinicalRules(names: readonly string[]): readonly Rule[] {
  return [
    ...[email, url, ipAddress, socialSecurity, recordNumber, date, age, phone, address, town],
    ...[listedNames(names), ...nameRules],
  ];
}
