-- Searches by the value of a param or a tag begin here. A value may be longer than an index takes, so
-- it holds how each begins: src/search/condition.ts compares that. Equal entries share one list of rows,
-- which keeps an index of few values small, and cheap to add to.
CREATE INDEX params_key_value ON duetmind.params (key, (left(value, 128) COLLATE "C"));

-- Without the tags that clients give every run: those would make a run dearer to create, and tell few
-- runs from others; the name is a column of the run as well.
CREATE INDEX tags_key_value ON duetmind.tags (key, (left(value, 128) COLLATE "C"))
WHERE key NOT IN ('mlflow.runName', 'mlflow.source.name', 'mlflow.source.type', 'mlflow.user');
