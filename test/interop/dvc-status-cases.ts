// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of dvc.yaml look like those of JavaScript

/** A repository in one state: shell lines that make it, with DVC, and then change it. */
export type StatusCase = Readonly<{
  name: string;
  make: string;
  change: string;
  /** Arguments of `status`; default: none. */
  args?: readonly string[];
  /** The folder that `status` is called in. */
  folder?: string;
}>;

const PIPELINE = `cat > dvc.yaml <<'X'
stages:
  prepare:
    cmd: mkdir -p out/sub && cp in.txt out/a && cp in.txt "out/sub/é" && touch out/empty && cp in.txt model
    deps: [in.txt]
    params: [lr, net.size, {other.json: null}]
    outs: [out, model]
    metrics: [{m.json: {cache: false}}]
  train:
    cmd: cat model > final
    deps: [model, out]
    outs: [final]
X
echo hi > in.txt; echo '{"a": 1}' > m.json; echo '{"k": 1.0, "z": {"q": [1]}}' > other.json
printf 'lr: 0.1\\nnet: {size: 3, unused: 1}\\n' > params.yaml
sed -i 's/cp in.txt model$/cp in.txt model \\&\\& echo 1 > m.json/' dvc.yaml
dvc repro -q`;

const ADDED = `mkdir data; echo a > data/a; echo b > data/b; echo f > file; dvc add -q data file`;
const OBJECT = "find .dvc/cache/files -type f";

export const STATUS_CASES: readonly StatusCase[] = [
  { name: "nothing in the repository", make: ":", change: ":" },
  { name: "nothing changed", make: `${PIPELINE}; ${ADDED}`, change: ":" },
  {
    name: "inputs changed",
    make: PIPELINE,
    change: `echo other > in.txt; printf 'lr: 0.2\\n' > params.yaml; echo '{"k": 1, "new": 2}' > other.json`,
  },
  { name: "inputs deleted", make: PIPELINE, change: "rm in.txt params.yaml other.json" },
  {
    name: "outs changed, deleted, with more and with fewer files",
    make: `${PIPELINE}; ${ADDED}`,
    change:
      "echo x > model; rm final; echo x > out/more; rm data/a; echo x > file; echo 2 > m.json",
  },
  {
    name: "the command and the lists of deps, params and outs changed",
    make: PIPELINE,
    change:
      "sed -i 's/cat model > final/cat model  > final/; s/lr, net.size/lr, net.unused/; s/deps: .in.txt./deps: [in.txt, other.json]/; s/outs: .final./outs: [final, in.txt2]/' dvc.yaml",
  },
  {
    name: "a stage that was never run",
    make: PIPELINE,
    change:
      "printf '  later:\\n    cmd: echo\\n    deps: [in.txt, none]\\n    params: [lr, p.yaml: [x]]\\n    outs: [model2, gone]\\n' >> dvc.yaml; echo > model2",
  },
  {
    name: "frozen, always_changed and callback stages",
    make: PIPELINE,
    change:
      "printf '  callback:\\n    cmd: echo\\n  always:\\n    cmd: echo\\n    always_changed: true\\n    deps: [in.txt]\\n  cold:\\n    cmd: echo\\n    frozen: true\\n    deps: [none]\\n    outs: [in2]\\n' >> dvc.yaml",
  },
  {
    name: "the cache is empty",
    make: `${PIPELINE}; ${ADDED}`,
    change: "rm -rf .dvc/cache/files; rm model file",
  },
  {
    name: "one file of a folder is not in the cache",
    make: ADDED,
    change: "rm .dvc/cache/files/md5/60/b725f10c9c85c70d97880dfe8191b3",
  },
  {
    name: "damaged objects with another mode, and whole ones",
    make: ADDED,
    change: `chmod 644 $(${OBJECT}); echo x >> .dvc/cache/files/md5/60/b725f10c9c85c70d97880dfe8191b3`,
  },
  {
    name: "a damaged list of a folder whose mode says that it is whole",
    make: ADDED,
    change: `for f in $(${OBJECT} -name '*.dir'); do chmod 644 $f; echo '{' > $f; chmod 444 $f; done`,
  },
  {
    name: "an import that is no longer frozen, and one that was edited",
    make: "echo src > src; mkdir sub; dvc import-url -q src got; dvc import-url -q src got2; dvc import-url -q src got3",
    change:
      "echo changed > src; sed -i 's/frozen: true/frozen: false/' got.dvc; sed -i 's/^md5: ../md5: 00/' got2.dvc",
  },
  {
    name: "a .dvc file of DVC 2: the md5 of a text with its line ends changed",
    make: `printf 'a\\r\\nb\\r\\n' > text; printf 'a\\r\\nb\\r\\n\\000' > bin; mkdir d; printf 'x\\r\\n' > d/x
printf 'outs:\\n- md5: dd8c6a395b5dd36c56d23275028f526c\\n  size: 6\\n  path: text\\n' > text.dvc
mkdir -p .dvc/cache/dd; printf 'a\\nb\\n' > .dvc/cache/dd/8c6a395b5dd36c56d23275028f526c; chmod 444 .dvc/cache/dd/*
printf 'outs:\\n- md5: %s\\n  size: 7\\n  path: bin\\n' $(md5sum bin | cut -c1-32) > bin.dvc`,
    change: ":",
  },
  {
    name: "foreach and matrix",
    make: `cat > dvc.yaml <<'X'
stages:
  each:
    foreach: [a, b]
    do:
      cmd: echo \${item} > \${item}.txt
      outs: ['\${item}.txt']
  grid:
    matrix: {x: [1, 2], y: [p]}
    cmd: echo \${item.x} > \${key}.out
    outs: ['\${key}.out']
X
dvc repro -q`,
    change: "rm a.txt; echo > 2-p.out; sed -i 's/> ..item..txt/>  ${item}.txt/' dvc.yaml",
  },
  {
    name: "a target that is a stage, one that is an out, one inside an out",
    make: `${PIPELINE}; ${ADDED}`,
    change: "echo x > in.txt; echo x > model; echo x > out/a; echo x > data/a; echo x > file",
    args: ["train", "model", "data/a", "file.dvc"],
  },
  {
    name: "a folder below the root",
    make: `${PIPELINE}; mkdir sub; echo s > sub/s; (cd sub && dvc add -q s); printf 'stages:\\n  in:\\n    cmd: cp ../in.txt o\\n    deps: [../in.txt]\\n    outs: [o]\\n' > sub/dvc.yaml`,
    change: "echo x > in.txt; echo x > sub/s",
    folder: "sub",
  },
  {
    name: "ignored files and a working folder",
    make: `mkdir data w; echo a > data/a; echo t > data/t.tmp; echo '*.tmp' > .dvcignore; dvc add -q data; printf 'stages:\\n  a:\\n    wdir: w\\n    cmd: cp ../data/a o\\n    deps: [../data]\\n    params: [p]\\n    outs: [o]\\n' > dvc.yaml; echo 'p: 1' > w/params.yaml; dvc repro -q`,
    change: "echo other > data/t.tmp; echo 'p: 2' > w/params.yaml; echo > w/o",
  },
];
