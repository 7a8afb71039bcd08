/**
 * The reference application's own words: what stands in params.yaml between the sources and the
 * tracking, and its contracts. The repository's root and `duetmind init --sample alzheimer` are
 * made of the same text (test/sample/alzheimer-project.test.ts compares them).
 */
export const ALZHEIMER_ROWS = 4000;
export const ALZHEIMER_SEED = 42;
export const ALZHEIMER_SOURCE = "data/source/patients.csv";

export const ALZHEIMER_PARAMS = `sources:
  patients:
    path: ${ALZHEIMER_SOURCE}
    types: {visit_date: "datetime64[ns]"}
    key: [patient_id, visit_date]
contracts:
  raw: {patients: contracts/patients.yaml}
  features: contracts/features.yaml
  labels: contracts/labels.yaml
features:
  view: alzheimer_features
  source: patients
  subject: patient_id
  target: diagnosis
  transforms:
    - {numeric: age, scale: standard}
    # what is missing stays missing: boosting learns where to send it
    - {numeric: [mmse_score, cognitive_test_1, brain_volume], impute: none}
    - {numeric: cognitive_test_2, impute: none, log: true}
    - {ratio: [brain_volume, age], name: brain_volume_per_year, impute: none}
    - {categorical: education_level, encode: ordinal, categories: [primary, secondary, higher]}
    - {categorical: [gender, site, apoe_genotype], encode: one_hot}
    - {boolean: family_history}
split: {method: hash, seed: 42, train: 0.7, validation: 0.15, test: 0.15}
model:
  name: alzheimer
  algorithm: boosting
  task: binary
  positive: 1
  seed: 42
  slices: [site, gender]
thresholds: {accuracy: 0.85, roc_auc: 0.8, beat_majority: true}
tracking: {experiment: alzheimer}
`;

const PATIENTS = `name: patients
title: Synthetic visits of a memory clinic
strict: true
unique: [patient_id, visit_date]
columns:
  patient_id: {dtype: str, sensitivity: identifier, str_matches: "P[0-9]{7}$"}
  visit_date: {dtype: "datetime64[ns]", sensitivity: phi}
  site: {dtype: str, isin: [east, north, south, west]}
  age: {dtype: int64, in_range: {min_value: 18, max_value: 120}}
  gender: {dtype: str, isin: [female, male]}
  education_level: {dtype: str, nullable: true, isin: [primary, secondary, higher]}
  mmse_score: {dtype: float64, coerce: true, nullable: true, in_range: {min_value: 0, max_value: 30}}
  apoe_genotype: {dtype: str, nullable: true, isin: [e2/e2, e2/e3, e2/e4, e3/e3, e3/e4, e4/e4]}
  family_history: {dtype: bool, nullable: true}
  cognitive_test_1:
    title: Words of a list of 15 remembered after half an hour
    dtype: float64
    coerce: true
    nullable: true
    in_range: {min_value: 0, max_value: 15}
  cognitive_test_2:
    title: Seconds for trail making B, stopped at 300
    dtype: float64
    coerce: true
    nullable: true
    in_range: {min_value: 15, max_value: 300}
  brain_volume:
    title: Whole brain, millilitres
    dtype: float64
    coerce: true
    nullable: true
    in_range: {min_value: 300, max_value: 2500}
  diagnosis: {title: "1 = dementia of Alzheimer's type", dtype: int64, isin: [0, 1]}
`;

const FEATURES = `name: alzheimer_features
columns:
  age: {dtype: float64}
  mmse_score: {dtype: float64, nullable: true, in_range: {min_value: 0, max_value: 30}}
  brain_volume_per_year: {dtype: float64, nullable: true, greater_than: 0}
  family_history: {dtype: float64, isin: [0, 1]}
`;

const LABELS = `name: alzheimer_labels
columns:
  diagnosis: {dtype: int64, isin: [0, 1]}
`;

/** Path → text of each contract, without its schema line. */
export const ALZHEIMER_CONTRACTS: Readonly<Record<string, string>> = {
  "contracts/patients.yaml": PATIENTS,
  "contracts/features.yaml": FEATURES,
  "contracts/labels.yaml": LABELS,
};
