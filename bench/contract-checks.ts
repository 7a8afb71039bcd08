/** 20 checks: five on nulls, six ranges, three sets, two prefixes, two lengths, two types. */
export const BENCH_CONTRACT = `
columns:
  id: {dtype: int64}
  patient: {str_startswith: P-, str_length: 10}
  site: {isin: [Bern, Basel, Zürich, Genf, Chur, Luzern, Aarau, Sion]}
  sex: {nullable: true, isin: [f, m, x]}
  age: {dtype: int64, nullable: true, in_range: {min_value: 0, max_value: 120}}
  visits: {nullable: true, in_range: {min_value: 0, max_value: 60}}
  bmi: {nullable: true, in_range: {min_value: 10.0, max_value: 60.0}}
  systolic: {in_range: {min_value: 60.0, max_value: 260.0}}
  score: {nullable: true, in_range: {min_value: 0.0, max_value: 1.0}}
  seen: {in_range: {min_value: 2019-01-01 00:00:00, max_value: 2030-01-01 00:00:00}}
  email: {nullable: true, str_startswith: u, str_length: {min_value: 10, max_value: 40}}
  code: {nullable: true, isin: [A00, B10, C20, D30, E40, F50]}
`;

const failed = (condition: string) => `count(*) FILTER (WHERE ${condition})`;

/** The same as counts of rows that fail; the types need none. */
export const BENCH_COUNTS: readonly string[] = [
  "id IS NULL",
  "patient IS NULL",
  "site IS NULL",
  "systolic IS NULL",
  "seen IS NULL",
  "NOT age BETWEEN 0 AND 120",
  "NOT visits BETWEEN 0 AND 60",
  "NOT bmi BETWEEN 10 AND 60",
  "NOT systolic BETWEEN 60 AND 260",
  "NOT score BETWEEN 0 AND 1",
  "NOT seen BETWEEN TIMESTAMP '2019-01-01' AND TIMESTAMP '2030-01-01'",
  "site NOT IN ('Bern', 'Basel', 'Zürich', 'Genf', 'Chur', 'Luzern', 'Aarau', 'Sion')",
  "sex NOT IN ('f', 'm', 'x')",
  "code NOT IN ('A00', 'B10', 'C20', 'D30', 'E40', 'F50')",
  "NOT starts_with(patient, 'P-')",
  "NOT starts_with(email, 'u')",
  "length(patient) <> 10",
  "NOT length(email) BETWEEN 10 AND 40",
].map(failed);
