CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN positive AS numeric(12, 3) CHECK (VALUE > 0);
CREATE TABLE every_type (
  id int PRIMARY KEY, b boolean, i2 smallint, i8 bigint, f4 real, f8 double precision,
  n numeric(10, 2), n38 numeric(38, 9), n_free numeric, n_wide numeric(60, 30), dom positive,
  d date, t time, ts timestamp, tz timestamptz, iv interval, ttz timetz,
  u uuid, j json, jb jsonb, ia int[], ta text[], na numeric[], tza timestamptz[],
  raw bytea, s text, v varchar(20), c char(5), m mood, ip inet, bits bit(4),
  p pair, r int4range, pt point, "Odd ""name""" text
);
INSERT INTO every_type VALUES
 (2, true, -32768, 9223372036854775807, 0.1, 0.1, 12345678.90, 12345678901234567890123456789.123456789,
  123456789012345678901234567890.12345678901234567890, 0.000000000000000000000000000001, 1.500,
  '2024-02-29', '23:59:59.999999', '2024-02-29 23:59:59.999999', '2024-02-29 23:59:59.999999+05:30', '1 year 2 mons 3 days 04:05:06.789', '10:00:00+02',
  'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"a": 1.10, "a": [null]}', '{"b": 1.10, "a": "\u00e9"}', '{1,NULL,3}', '{"a,b","c\"d",NULL}', '{1.10,NaN}', '{2024-01-01 00:00:00+00}',
  '\x00ff5c0a', E'tab\tline\nreturn\rback\\slash \\N ''quote'' "double" é 🙂', 'v', 'c', 'happy', '10.0.0.1/8', B'0101',
  ROW(1, 'x, y'), '[1,5)', '(1,2)', 'odd'),
 (1, false, 32767, -9223372036854775808, 'NaN', 'Infinity', -0.01, -0.000000001, 'NaN', 0, 0.001,
  '0044-03-15 BC', '24:00:00', '1969-12-31 23:59:59', '1900-01-01 00:00:00+00', '-1 day', '00:00:00-12',
  '00000000-0000-0000-0000-000000000000', 'null', '[]', '{}', '{}', '{}', '{}', '', '', '', '', 'sad', '::1', B'0000', ROW(NULL, ''), 'empty', '(0,0)', ''),
 (3, NULL, NULL, NULL, '-Infinity', 'NaN', NULL, NULL, NULL, NULL, NULL, '9999-12-31', '00:00:00', '9999-12-31 23:59:59.999999', '9999-12-31 23:59:59+00',
  NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, E'\\', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
 (4, NULL, NULL, NULL, 3.4028235e38, 1.7976931348623157e308, NULL, NULL, NULL, NULL, NULL, 'infinity', NULL, '-infinity', 'infinity',
  NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, E'\n', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
 (5, NULL, NULL, NULL, 1e-45, 5e-324, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
  NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
