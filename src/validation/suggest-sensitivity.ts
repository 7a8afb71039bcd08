import type { Sensitivity } from "./contract.ts";

const IDENTIFIER =
  /(^|_)(id|uuid|guid|mrn|ssn|ahv|nhs|passport|surname|firstname|lastname|fullname|email|mail|phone|telephone|tel|mobile|fax|address|street|zip|postcode|ip|iban|insurance|license|licence)(_|$)/;
const NAME =
  /^(name|(first|last|full|family|given|middle|maiden|birth|patient|person|customer|user)_name)$/;
const HEALTH =
  /(^|_)(dob|birth|birthday|birthdate|born|death|deceased|diagnosis|diagnoses|icd\d*|medication|drug|disease|admission|admitted|discharge|discharged|hiv|allergy|allergies|pregnant|pregnancy)(_|$)/;

/** What the name of a column, or values that are all e-mail addresses or phone numbers, suggest. */
export function suggestSensitivity(
  name: string,
  shape: Readonly<{ isEmail: boolean; isPhone: boolean }>,
): Sensitivity | null {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/[^A-Za-z0-9]+/g, "_")
    .toLowerCase();
  if (HEALTH.test(words)) return "phi";
  if (IDENTIFIER.test(words) || NAME.test(words)) return "identifier";
  return shape.isEmail || shape.isPhone ? "identifier" : null;
}
