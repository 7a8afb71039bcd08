"""Records what Pandera 0.35.0 says of contracts and data, as cases.json beside this file.

Run it in the environment of ../pandera/requirements.txt:  python record.py
Data is CSV text with types, as validate.py reads it.
"""

import json
import pathlib
import sys
import warnings

import pandas as pd
import pandera

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "pandera"))
from validate import validate

warnings.simplefilter("ignore")

PEOPLE = "id,age,city,score\n1,34,Bern,0.5\n2,-4,,1.5\n3,130,Basel,\n3,41,bern,2.5\n"
TEXTS = "a\nab\nxa\n\nb1\nAB\né\n"
NUMBERS = "a\n1\n2\n5\n\n-3\n"
DATES = "a\n2020-01-01 00:00:00\n2020-01-02 00:00:00\n\n2020-01-05 10:30:00\n"

CASES = [
    ("range of an integer", "columns: {age: {dtype: int64, in_range: {min_value: 0, max_value: 120}}}", PEOPLE, {}),
    ("open range", "columns: {age: {in_range: {min_value: -4, max_value: 130, include_min: false, include_max: false}}}", PEOPLE, {}),
    ("all comparisons", "columns: {a: {nullable: true, gt: 1, ge: 2, lt: 5, le: 2, eq: 2, ne: 2}}", NUMBERS, {}),
    ("comparisons with floats", "columns: {a: {nullable: true, gt: 1.0, ge: 2.5, lt: 1.0e+20, le: -0.5, eq: 2.0, ne: 1.0e-7}}", NUMBERS, {}),
    ("full names", "columns: {a: {nullable: true, greater_than: 1, greater_than_or_equal_to: 2, less_than: 5, less_than_or_equal_to: 2, equal_to: 2, not_equal_to: 2, between: {min_value: 1, max_value: 2}}}", NUMBERS, {}),
    ("nulls not ignored", "columns: {a: {nullable: true, gt: {value: 0, ignore_na: false}, ne: {value: 0, ignore_na: false}, isin: {value: [1, 2], ignore_na: false}, notin: {value: [1], ignore_na: false}}}", NUMBERS, {}),
    ("nulls not ignored in text", "columns: {a: {nullable: true, eq: {value: ab, ignore_na: false}, ne: {value: ab, ignore_na: false}, str_matches: {pattern: a, ignore_na: false}, str_length: {min_value: 1, ignore_na: false}, isin: {value: [ab, b1], ignore_na: false}, str_startswith: {string: a, ignore_na: false}}}", TEXTS, {}),
    ("sets of text", "columns: {city: {nullable: true, isin: [Bern, Basel], notin: [bern, Zug]}}", PEOPLE, {}),
    ("sets of numbers", "columns: {a: {nullable: true, isin: [1, 2.0, x], notin: [5, -3.5]}}", NUMBERS, {}),
    ("sets of another type", "columns: {city: {nullable: true, isin: [1, 2]}, age: {notin: [x]}}", PEOPLE, {}),
    ("patterns", "columns: {a: {nullable: true, str_matches: 'a|b', str_contains: '[a-z]$', str_startswith: a, str_endswith: b}}", TEXTS, {}),
    ("patterns with look-around", "columns: {a: {nullable: true, str_matches: '(?=a)..', str_contains: '(?<!x)a'}}", TEXTS, {}),
    ("patterns in unicode", "columns: {a: {nullable: true, str_matches: '\\w+$', str_contains: '\\d'}}", "a\né1\n٣\n-\nnaïve\n", {}),
    ("word boundary and back-reference", "columns: {a: {str_contains: '\\bé', str_matches: '(\\w)\\1'}}", "a\nxé\né\naab\n", {}),
    ("flags of a pattern", "columns: {a: {nullable: true, str_matches: '(?i)AB', str_contains: '(?i:B)1'}}", TEXTS, {}),
    ("negated classes", "columns: {a: {nullable: true, str_matches: '[^\\W\\d]+$', str_contains: '[\\S]', str_endswith: '1'}}", TEXTS, {}),
    ("lengths", "columns: {a: {nullable: true, checks: [{min_value: 2, options: {check_name: str_length}}, {max_value: 1, options: {check_name: str_length}}, {min_value: 2, max_value: 3, options: {check_name: str_length}}, {exact_value: 2, options: {check_name: str_length}}]}}", TEXTS, {}),
    ("length as one number", "columns: {a: {nullable: true, str_length: 2}}", TEXTS, {}),
    ("text checks on numbers", "columns: {age: {str_length: 2, str_matches: '1'}, score: {nullable: true, str_contains: '1'}}", PEOPLE, {}),
    ("comparisons with the wrong type", "columns: {city: {nullable: true, gt: 1, in_range: {min_value: 0.5, max_value: 2}}, age: {lt: x, eq: x, ne: x}}", PEOPLE, {}),
    ("text compares by code point", "columns: {a: {nullable: true, gt: a, le: xa}}", TEXTS, {}),
    ("distinct values", "columns: {city: {nullable: true, unique_values_eq: [Bern, Basel, bern]}, id: {unique_values_eq: [3, 2, 1, 0]}}", PEOPLE, {}),
    ("distinct values with nulls", "columns: {city: {nullable: true, unique_values_eq: {values: [Bern, Basel, bern], ignore_na: false}}}", PEOPLE, {}),
    ("distinct values, some new", "columns: {id: {unique_values_eq: [1, 2]}}", PEOPLE, {}),
    ("not nullable", "columns: {city: {}, score: {dtype: float64}}", PEOPLE, {}),
    ("unique", "columns: {id: {unique: true}, city: {unique: true, nullable: true}}", PEOPLE, {}),
    ("unique after the first", "columns: {a: {unique: true, report_duplicates: exclude_first}}", "a\n1\n1\n2\n1\n2\n", {}),
    ("unique before the last", "columns: {a: {unique: true, report_duplicates: exclude_last}}", "a\n1\n1\n2\n1\n2\n", {}),
    ("only nulls repeat", "columns: {a: {unique: true, nullable: true}}", "a,b\n1,1\n,1\n,1\n", {}),
    ("jointly unique", "{columns: {a: {}, b: {nullable: true}}, unique: [a, b]}", "a,b\n1,x\n1,x\n2,\n2,\n3,x\n", {}),
    ("jointly unique after the first", "{columns: {a: {}, b: {}}, unique: [a, b], report_duplicates: exclude_first}", "a,b\n1,x\n1,x\n2,y\n1,x\n", {}),
    ("two sets, the first breaks", "{columns: {a: {}, b: {}}, unique: [[a], [b]]}", "a,b\n1,x\n1,x\n2,y\n", {}),
    ("two sets, the second breaks", "{columns: {a: {}, b: {}}, unique: [[a], [b]]}", "a,b\n1,x\n3,x\n2,y\n", {}),
    ("jointly unique, one column absent", "{columns: {a: {}}, unique: [a, zz]}", "a\n1\n1\n2\n", {}),
    ("column missing", "columns: {age: {}, weight: {}, height: {required: false}}", PEOPLE, {}),
    ("strict", "{columns: {age: {}, id: {}}, strict: true}", PEOPLE, {}),
    ("strict filter", "{columns: {score: {nullable: true}, id: {gt: 1}}, strict: filter}", PEOPLE, {}),
    ("ordered", "{columns: {a: {}, b: {}, c: {}}, ordered: true}", "b,a,x,c\n1,1,1,1\n", {}),
    ("ordered and strict, with absent columns", "{columns: {a: {}, q: {required: false}, b: {}, c: {}}, ordered: true, strict: true}", "c,a,x,b\n1,1,1,1\n", {}),
    ("regex columns", "columns: {'x_\\d': {regex: true, gt: 0}}", "x_1,x_12,y\n1,0,1\n-1,1,1\n", {}),
    ("regex without a match", "columns: {'q.*': {regex: true, gt: 0}}", "x_1,y\n1,1\n", {}),
    ("optional regex without a match", "columns: {'q.*': {regex: true, required: false, gt: 0}}", "x_1,y\n1,1\n", {}),
    ("regex beside a name, strict", "{columns: {'x': {regex: true, gt: 0}, x_1: {lt: 0}}, strict: true, ordered: true}", "x_1,x_2,y\n1,1,1\n-1,2,1\n", {}),
    ("dtype matches", "columns: {age: {dtype: int64}, city: {dtype: str, nullable: true}, score: {dtype: float64, nullable: true}}", PEOPLE, {}),
    ("int64 wanted, text found", "columns: {a: {dtype: int64, nullable: true}}", "a\n1\nx\n2.5\n", {"a": "str"}),
    ("int64 wanted, all text converts", "columns: {a: {dtype: int64}}", "a\n1\n2\n", {"a": "str"}),
    ("float64 wanted, text found", "columns: {a: {dtype: float64}}", "a\n1.5\nx\n1e3\n\n", {}),
    ("datetime wanted, text found", "columns: {a: {dtype: 'datetime64[ns]'}}", "a\n2020-01-01\nx\n\n", {}),
    ("category wanted, text found", "columns: {a: {dtype: category}}", "a\nx\ny\n", {}),
    ("bool wanted, text found", "columns: {a: {dtype: bool}}", "a\ntrue\nx\n", {}),
    ("object wanted, text found", "columns: {a: {dtype: object}}", "a\nx\ny\n", {}),
    ("int64 wanted, int32 found", "columns: {a: {dtype: int64}}", "a\n1\n2\n", {"a": "int32"}),
    ("int32 wanted, int64 found", "columns: {a: {dtype: int32}}", "a\n1\n2\n", {}),
    ("float64 wanted, int64 found", "columns: {a: {dtype: float64}}", "a\n1\n2\n", {}),
    ("int64 wanted, bool found", "columns: {a: {dtype: int64}}", "a\nTrue\nFalse\n", {}),
    ("bool wanted, int64 found", "columns: {a: {dtype: bool}}", "a\n0\n1\n", {}),
    ("nullable integers", "columns: {a: {dtype: Int64}}", "a\n1\n2\n", {}),
    ("nullable integers wanted, text found", "columns: {a: {dtype: Int64}}", "a\n1\nx\n", {}),
    ("datetime of another unit", "columns: {a: {dtype: 'datetime64[ns]'}}", DATES.replace("\n\n", "\n"), {"a": "datetime64[us]"}),
    ("str wanted, int64 found", "columns: {a: {dtype: str}}", "a\n1\n2\n", {}),
    ("int64 wanted, nulls make it float64", "columns: {a: {dtype: int64}}", "a\n1\n\n", {}),
    ("coerced text", "columns: {a: {dtype: int64, coerce: true, gt: 1}}", "a\n1\n3\n", {"a": "str"}),
    ("coercion of text fails", "columns: {a: {dtype: int64, coerce: true, gt: 1}}", "a\n1\n2.5\nx\n1e3\n", {"a": "str"}),
    ("coercion of text to float fails", "columns: {a: {dtype: float64, coerce: true, gt: 1}}", "a\n1.5\nx\n\n2\n", {}),
    ("coercion of a null to int64 fails", "columns: {a: {dtype: int64, coerce: true, nullable: true, gt: 1}}", "a\n1.5\n\n2.5\n", {}),
    ("coercion cuts fractions", "columns: {a: {dtype: int64, coerce: true, gt: 1}}", "a\n1.5\n2.5\n", {}),
    ("coercion out of range", "columns: {a: {dtype: uint8, coerce: true}}", "a\n1\n-1\n300\n", {}),
    ("coercion to dates", "columns: {a: {dtype: 'datetime64[ns]', coerce: true, nullable: true, ge: '2020-01-02 00:00:00'}}", DATES, {}),
    ("coercion to dates fails", "columns: {a: {dtype: 'datetime64[ns]', coerce: true}}", "a\n2020-01-01\nx\n\n", {}),
    ("coercion to text", "columns: {a: {dtype: str, coerce: true, str_length: 1}}", "a\n1\n22\n", {}),
    ("coercion of floats to text", "columns: {a: {dtype: str, coerce: true, nullable: true, isin: [x]}}", "a\n1.0\n22.5\n\n1e20\n1e-7\n", {}),
    ("coercion to category", "columns: {a: {dtype: category, coerce: true, isin: [x]}}", "a\nx\ny\n", {}),
    ("order of a category", "columns: {a: {dtype: category, coerce: true, gt: x}}", "a\nx\ny\n", {}),
    ("coercion of the whole frame by its columns", "{columns: {a: {dtype: float64, lt: 2}, b: {dtype: str}}, coerce: true}", "a,b\n1,1\n2,2\n", {}),
    ("frame dtype", "{columns: {a: {}, b: {dtype: str}}, dtype: float64}", "a,b\n1,1.5\n2,x\n", {}),
    ("frame dtype coerced", "{columns: {a: {}, b: {dtype: str}}, dtype: float64, coerce: true}", "a,b\n1,1.5\n2,x\n", {}),
    ("frame dtype without columns", "{dtype: float64}", "a,b\n1,1.5\n2,2.5\n", {}),
    ("dates in checks", "columns: {a: {dtype: 'datetime64[ns]', nullable: true, coerce: true, in_range: {min_value: '2020-01-01 00:00:00', max_value: '2020-01-03 00:00:00'}, lt: '2020-01-02', eq: '2020-01-02 00:00:00', ne: '2020-01-02 00:00:00'}}", DATES, {}),
    ("dates against a number", "columns: {a: {dtype: 'datetime64[us]', nullable: true, gt: 5}}", DATES, {"a": "datetime64[us]"}),
    ("booleans", "columns: {a: {dtype: bool, eq: true, isin: [true], gt: false, ne: 1}}", "a\nTrue\nFalse\n", {}),
    ("infinities", "columns: {a: {dtype: float64, le: 5, isin: [.inf, 1], gt: -.inf}}", "a\ninf\n1.0\n2.0\n-inf\n", {}),
    ("index", "{columns: {a: {}}, index: [{dtype: int64, gt: 1, unique: true}]}", "a\n1\n2\n3\n", {}),
    ("named index", "{columns: {a: {}}, index: [{dtype: int64, name: key}]}", "a\n1\n2\n", {}),
    ("index of two levels", "{columns: {a: {}}, index: [{dtype: int64, name: x}, {dtype: int64, name: y}]}", "a\n1\n2\n", {}),
    ("check of the frame", "{columns: {a: {}, b: {nullable: true}}, checks: [{min_value: 1, options: {check_name: greater_than}}]}", "a,b\n1,5\n2,0\n0,\n", {}),
    ("checks of the frame, mixed types", "{columns: {a: {}, b: {nullable: true}}, checks: [{value: [1, 2, x], options: {check_name: isin}}, {value: 1, options: {check_name: equal_to}}, {min_value: 1, options: {check_name: greater_than}}]}", "a,b\n1,x\n2,y\n0,\n", {}),
    ("check of the frame, nulls not ignored", "{columns: {a: {}, b: {nullable: true}}, checks: [{value: [1, 2], options: {check_name: isin, ignore_na: false}}]}", "a,b\n1,1\n2,5\n0,\n", {}),
    ("text checks of the frame", "{columns: {a: {}}, checks: {str_length: 1, unique_values_eq: [1]}}", "a\nx\n", {}),
    ("old map of checks", "columns: {a: {nullable: true, checks: {greater_than: {value: 1, options: {ignore_na: false}}, less_than: 5}}}", NUMBERS, {}),
    ("checks of one name", "columns: {a: {nullable: true, checks: [{min_value: 0, options: {check_name: greater_than, raise_warning: true}}, {min_value: 2, options: {check_name: greater_than, ignore_na: false, n_failure_cases: 2, error: too low}}]}}", NUMBERS, {}),
    ("first failure cases", "columns: {a: {nullable: true, gt: {value: 5, n_failure_cases: 2}}}", NUMBERS, {}),
    ("warning", "columns: {a: {nullable: true, gt: {value: 5, raise_warning: true}, lt: 2}}", NUMBERS, {}),
    ("error text and name", "columns: {a: {nullable: true, gt: {value: 1, error: too low, name: mine}, lt: {value: 2, name: mine}}}", NUMBERS, {}),
    ("quoting in ids", "columns: {a: {nullable: true, isin: [\"a'b\", 'q\"x', true, 1.0, null, \"a'b\\\"c\", \"\\n\\t\\u00e9\\u200b\\\\\"], str_matches: \"it's\", eq: \"it's\"}}", TEXTS, {}),
    ("add missing columns", "{columns: {b: {dtype: int64, default: 7, lt: 5}, a: {}, c: {dtype: float64, nullable: true}, d: {dtype: str, default: q}}, add_missing_columns: true}", "a,z\n1,1\n2,2\n", {}),
    ("add missing columns without a default", "{columns: {a: {}, b: {dtype: int64, default: 7}, d: {dtype: int64}, e: {dtype: str}}, add_missing_columns: true}", "a,z\n1,1\n2,2\n", {}),
    ("default", "columns: {a: {dtype: float64, default: 5, lt: 4}, b: {dtype: str, default: q, isin: [x]}}", "a,b\n1,x\n,\n", {}),
    ("default before coercion", "columns: {a: {dtype: int64, default: 5, coerce: true, lt: 4}}", "a\n1\n\n", {}),
    ("drop invalid rows", "{columns: {a: {gt: 1}, b: {unique: true}}, drop_invalid_rows: true}", "a,b\n1,1\n2,2\n3,3\n4,3\n", {}),
    ("drop invalid rows, a column is missing", "{columns: {a: {gt: 1}, b: {}}, drop_invalid_rows: true}", "a\n1\n2\n", {}),
    ("drop invalid rows of one column", "columns: {a: {gt: 1, drop_invalid_rows: true}, b: {lt: 5}}", "a,b\n1,1\n2,2\n3,9\n", {}),
    ("nothing to complain about", "{columns: {id: {gt: 0}, age: {}, city: {nullable: true}, score: {nullable: true}}, strict: true, ordered: true}", PEOPLE, {}),
]


if __name__ == "__main__":
    cases = [
        {"name": name, "contract": contract, "csv": csv, "types": types, "pandera": validate(contract, csv, types)}
        for name, contract, csv, types in CASES
    ]
    recorded = {"pandera": pandera.__version__, "pandas": pd.__version__, "cases": cases}
    path = pathlib.Path(__file__).with_name("cases.json")
    path.write_text(json.dumps(recorded, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{len(cases)} cases")
