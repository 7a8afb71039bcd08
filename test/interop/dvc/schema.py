"""Says of each dvc.yaml, given as JSON, whether DVC's schema takes it: the path of its first error, or null."""

import json
import sys

from dvc.schema import COMPILED_MULTI_STAGE_SCHEMA
from voluptuous import MultipleInvalid


def first_error(document):
    try:
        COMPILED_MULTI_STAGE_SCHEMA(document)
    except MultipleInvalid as error:
        path = error.errors[0].path
        return ".".join(str(part) for part in path if str(part) != "<class 'str'>")
    return None


json.dump([first_error(document) for document in json.load(sys.stdin)], sys.stdout)
