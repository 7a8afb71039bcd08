import { folderObject, md5, type Scenario } from "./scenario.ts";

const CACHED_METRIC = '{"auc": 0.5, "n": 3}';
const OLD_CSV = "step,loss\n0,1.5\n1,0.9\n";
const DATA_1 = { a: "one", "b/c": "two", old: "moved" };
const DATA_2 = { a: "one!", "b/c": "two", new: "moved", extra: "x" };

/** The recorded size of a text. */
const entry = (path: string, text: string) =>
  `    - path: ${path}\n      hash: md5\n      md5: ${md5(text)}\n      size: ${text.length}\n`;

const folder = (files: Readonly<Record<string, string>>, path: string) =>
  `outs:\n- md5: ${md5(folderObject(files))}.dir\n  size: 10\n  nfiles: ${Object.keys(files).length}\n  hash: md5\n  path: ${path}\n`;

const file = (text: string, path: string) =>
  `outs:\n- md5: ${md5(text)}\n  size: ${text.length}\n  hash: md5\n  path: ${path}\n`;

/** Repositories on which real DVC was asked, and DuetMind is. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  metrics: {
    commits: [
      {
        "dvc.yaml": `stages:
  train:
    cmd: echo
    outs: [model]
    metrics:
    - m.json: {cache: false}
    - cached.json
  broken:
    cmd: echo
    metrics: [{broken.json: {cache: false}}, {gone.yaml: {cache: false}}]
metrics: [top.yaml]
params: [more.toml]
`,
        "dvc.lock": `schema: '2.0'\nstages:\n  train:\n    cmd: echo\n    outs:\n${entry("cached.json", CACHED_METRIC)}${entry("model", "m")}`,
        "m.json":
          '{"auc": 0.1234567, "n": 10, "same": 1, "whole": 2.0, "tie": 0.015625, "list": [1, 2], "none": null, "text": "a", "flag": true, "deep": {"x": 1e-7, "y": {"z": 123456789012345678901}}, "nan": NaN, "inf": Infinity, "gone": 1, "empty": {}}',
        "broken.json": "{",
        "top.yaml": "a: 1\nb: yes\nc: 1e5\n",
        "params.yaml": "lr: 0.1\n",
        ".gitignore": "/model\n/cached.json\n",
      },
      {
        "m.json":
          '{"auc": 0.2234567, "n": 12, "same": 1, "whole": 3.0, "tie": 1.015625, "list": [1, 3], "none": 3, "text": "b", "flag": false, "deep": {"x": 1e-5, "y": {"z": 123456789012345678902}}, "nan": NaN, "inf": 1, "added": 2.5, "a b": 1}',
        "top.yaml": "5\n",
      },
    ],
    workspace: {
      "m.json": '{"auc": 0.3, "n": 12, "same": 1, "whole": 3, "deep": 5, "flag": 1}',
      "top.yaml": "a: 2\nlist: [1]\n",
      "sub/other.json": '{"k": 1}',
    },
    cached: [CACHED_METRIC],
    commands: [
      ["metrics", "show"],
      ["metrics", "show", "--md"],
      ["metrics", "show", "--json"],
      ["metrics", "show", "--json", "-A"],
      ["metrics", "show", "-T"],
      ["metrics", "show", "-a", "--json"],
      ["metrics", "show", "-a", "--md", "--precision", "2"],
      ["metrics", "show", "m.json", "--json"],
      ["metrics", "show", "sub/other.json", "--json"],
      ["metrics", "show", "absent.json", "--json"],
      ["metrics", "diff"],
      ["metrics", "diff", "--json"],
      ["metrics", "diff", "--all"],
      ["metrics", "diff", "--all", "--json"],
      ["metrics", "diff", "--md"],
      ["metrics", "diff", "--md", "--no-path", "--precision", "2"],
      ["metrics", "diff", "v1", "v2"],
      ["metrics", "diff", "v1", "v2", "--json"],
      ["metrics", "diff", "v1", "--json"],
      ["metrics", "diff", "HEAD~1", "HEAD", "--json"],
      ["metrics", "diff", "v2", "v2", "--json"],
      ["metrics", "diff", "v1", "v2", "--json", "--targets", "m.json"],
      ["metrics", "diff", "--json", "--targets", "sub/other.json"],
      ["metrics", "diff", "nowhere"],
      ["params", "diff", "v1", "v2"],
      ["params", "diff", "v1", "v2", "--json"],
    ],
  },
  params: {
    commits: [
      {
        "dvc.yaml": `vars: [extra.yaml]
stages:
  prepare:
    foreach: [eu, us]
    do:
      cmd: echo \${item} \${size}
      params: [lr, "list", nested.a]
      outs: ['data-\${item}']
  train:
    cmd: echo
    deps: [data-eu]
    params: [other.toml: [a.b], nothing.json: [q]]
params: [whole.json]
`,
        "params.yaml":
          "lr: 0.1\nlist: [1, 2.5, 'it''s', null, true, {a: 1}]\nnested: {a: 1, b: [], c: {}}\nunused: x\nnone: ~\nlong: 0.1234567891\n",
        "other.toml": "[a]\nb = 1\nc = 2\n",
        "whole.json": '{"x": 1, "y": {"z": 2.0}}',
        "extra.yaml": "size: 3\nignored: 1\n",
      },
      {},
    ],
    workspace: {
      "params.yaml":
        'lr: 1\nlist: [1, 2.5, "it\'s", null, false, {a: 2}]\nnested: {a: 1.0, b: [1], c: {d: 1}}\nunused: y\nnew: 1e-7\nlong: 0.2234567891\n',
      "other.toml": "[a]\nb = 1.5\nc = 3\n",
      "whole.json": null,
      "extra.yaml": "size: 4\nignored: 2\n",
    },
    commands: [
      ["params", "diff"],
      ["params", "diff", "--json"],
      ["params", "diff", "--all"],
      ["params", "diff", "--all", "--json"],
      ["params", "diff", "--deps"],
      ["params", "diff", "--deps", "--json"],
      ["params", "diff", "--md"],
      ["params", "diff", "--no-path"],
      ["params", "diff", "--json", "--targets", "other.toml"],
      ["params", "diff", "v1", "v2", "--json"],
      ["params", "diff", "v1", "v2"],
    ],
  },
  dag: {
    commits: [
      {
        "data.csv": "x",
        "raw.csv.dvc": file("raw", "raw.csv"),
        "other.dvc": file("lonely", "other"),
        "sub/dvc.yaml":
          "stages:\n  inner:\n    cmd: echo\n    deps: [../raw.csv]\n    outs: [made]\n",
        "dvc.yaml": `stages:
  zeta:
    cmd: echo
    deps: [raw.csv]
    outs: [folder, {m.json: {cache: false}}]
  split:
    foreach: [eu, us]
    do:
      cmd: echo \${item}
      deps: [folder]
      outs: ['part-\${item}']
  train:
    matrix: {kind: [a, b], seed: [1, 2]}
    cmd: echo
    deps: [part-eu, part-us]
    outs: ['model-\${item.kind}-\${item.seed}']
  end:
    cmd: echo
    deps: [model-a-1, folder/inside, sub/made]
    frozen: true
  alone:
    cmd: echo
    outs: [alone]
`,
      },
    ],
    workspace: {},
    commands: [
      ["dag", "--mermaid"],
      ["dag", "--md"],
      ["dag", "--dot"],
      ["dag", "--mermaid", "-o"],
      ["dag", "--dot", "-o"],
      ["dag", "--mermaid", "end"],
      ["dag", "--mermaid", "split@eu"],
      ["dag", "--mermaid", "split"],
      ["dag", "--mermaid", "zeta", "--full"],
      ["dag", "--mermaid", "part-us"],
      ["dag", "--mermaid", "-o", "end"],
      ["dag", "--mermaid", "-o", "zeta"],
      ["dag", "--mermaid", "--collapse-foreach-matrix"],
      ["dag", "--dot", "--collapse-foreach-matrix"],
      ["dag", "--mermaid", "raw.csv.dvc"],
      ["dag", "--mermaid", "sub/dvc.yaml:inner"],
      ["dag", "alone"],
      ["dag", "zeta"],
      ["dag", "split@eu"],
      ["dag", "-o", "alone"],
      ["dag", "nowhere"],
    ],
  },
  plots: {
    commits: [
      {
        "dvc.yaml": `stages:
  train:
    cmd: echo
    plots:
    - loss.csv: {x: step, y: loss, title: Loss, x_label: Step}
    - plain.tsv: {cache: false}
    - roc.json: {cache: false, template: scatter, x: fpr, y: tpr}
    - conf.csv: {cache: false, template: confusion, x: actual, y: predicted}
    - bare.csv: {cache: false, header: false}
    - picture.png: {cache: false}
    - images: {cache: false}
plots:
- both: {x: step, y: {loss.csv: loss, other.csv: [loss, acc]}, template: simple}
- two: {x: {other.csv: step}, y: {loss.csv: loss, other.csv: loss}, y_label: Y, title: Two}
- imp.yaml: {template: bar_horizontal, x: importance, y: name}
- other.csv
- jitter.csv: {template: scatter_jitter, x: a, y: b}
- norm: {template: confusion_normalized, x: actual, y: {conf.csv: predicted}}
- sorted: {template: bar_horizontal_sorted, x: importance, y: {imp.yaml: name}}
- smooth.csv: {template: smooth, x: a.b, y: "c[0]"}
- missing.csv: {x: a}
- wrong: {x: nope, y: {other.csv: acc}}
`,
        "dvc.lock": `schema: '2.0'\nstages:\n  train:\n    cmd: echo\n    outs:\n${entry("loss.csv", OLD_CSV)}`,
        "plain.tsv": "a\tb\n1\t2\n3\t4\n",
        "roc.json": '{"auc": 0.5, "roc": [{"fpr": 0.0, "tpr": 0}, {"fpr": 1.0, "tpr": 1}]}',
        "conf.csv": "actual,predicted\na,a\na,b\nb,b\n",
        "bare.csv": "1,2\n3,4\n",
        "picture.png": "PNG 1",
        "images/a.png": "A",
        "images/b.svg": "<svg/>",
        "other.csv": 'step,loss,acc\n0,1,"0,5"\n1,0.5,0.75\n',
        "imp.yaml": "features:\n- {name: a, importance: 0.5}\n- {name: b, importance: 1}\n",
        "jitter.csv": "a,b\n1,2\n2,3\n",
        "smooth.csv": "a.b,c[0]\n1,2\n2,3\n3,5\n",
        ".gitignore": "/loss.csv\n",
      },
    ],
    workspace: {
      "loss.csv": "step,loss\n0,1.0\n1,0.5\n2,0.25\n",
      "conf.csv": "actual,predicted\na,a\nb,a\nb,b\n",
      "picture.png": "PNG 2",
    },
    cached: [OLD_CSV],
    commands: [
      ["plots", "show", "--json"],
      ["plots", "show", "--json", "--split"],
      ["plots", "diff", "--json"],
      ["plots", "diff", "--json", "--split"],
      ["plots", "diff", "v1", "--json"],
      ["plots", "diff", "v1", "HEAD", "--json"],
      ["plots", "show", "--json", "loss.csv"],
      ["plots", "show", "--json", "both"],
      ["plots", "show", "--json", "sub/none.csv"],
      [
        "plots",
        "show",
        "--json",
        "plain.tsv",
        "-x",
        "a",
        "-y",
        "b",
        "--title",
        "T",
        "-t",
        "simple",
      ],
      ["plots", "show", "--json", "bare.csv", "--no-header", "--x-label", "X", "--y-label", "Y"],
      ["plots", "diff", "--json", "--targets", "conf.csv"],
      ["plots", "show", "--json", "roc.json", "-t", "nothing"],
    ],
  },
  diff: {
    commits: [
      {
        "data.dvc": folder(DATA_1, "data"),
        "file.dvc": file("first", "file"),
        "gone.dvc": file("gone", "gone"),
        "here.dvc": file("renamed", "here"),
        "sub/lost.dvc": file("lost", "lost"),
        ".gitignore": "/data\n/file\n/gone\n/here\n/there\n",
        "sub/.gitignore": "/lost\n",
      },
      {
        "data.dvc": folder(DATA_2, "data"),
        "file.dvc": file("second", "file"),
        "gone.dvc": null,
        "here.dvc": null,
        "there.dvc": file("renamed", "there"),
      },
    ],
    workspace: {
      "data/a": "one!",
      "data/b/c": "two?",
      "data/new": "moved",
      file: "third",
      there: "renamed",
    },
    cached: [folderObject(DATA_1), folderObject(DATA_2), "one", "one!", "two", "moved", "renamed"],
    commands: [
      ["diff"],
      ["diff", "--json"],
      ["diff", "--json", "--show-hash"],
      ["diff", "--show-hash"],
      ["diff", "--md"],
      ["diff", "--md", "--show-hash"],
      ["diff", "--hide-missing"],
      ["diff", "--hide-missing", "--json"],
      ["diff", "v1", "v2"],
      ["diff", "v1", "v2", "--json"],
      ["diff", "v1", "v2", "--json", "--show-hash"],
      ["diff", "v1", "v2", "--md"],
      ["diff", "v1", "--json"],
      ["diff", "v2", "v2", "--json"],
      ["diff", "--json", "--targets", "file"],
      ["diff", "v1", "v2", "--json", "--targets", "data"],
      ["diff", "v1", "v2", "--json", "--targets", "data/b"],
      ["diff", "--json", "--targets", "nothing"],
      ["diff", "nowhere"],
    ],
  },
  "no-git": {
    git: false,
    commits: [
      {
        "dvc.yaml":
          "stages:\n  train:\n    cmd: echo\n    params: [a]\n    metrics: [{m.json: {cache: false}}]\n",
        "m.json": '{"a": 1}',
        "params.yaml": "a: 1\n",
      },
    ],
    workspace: {},
    commands: [
      ["metrics", "show", "--json"],
      ["metrics", "diff", "--json"],
      ["metrics", "diff", "v1"],
      ["metrics", "show", "-a"],
      ["params", "diff", "--json"],
      ["plots", "show", "--json"],
      ["plots", "diff", "--json"],
      ["diff", "--json"],
    ],
  },
  broken: {
    commits: [
      {
        "dvc.yaml": "stages:\n  a:\n    cmd: echo\n    metrics: [{m.json: {cache: false}}]\n",
        "m.json": '{"a": 1}',
      },
    ],
    workspace: { "dvc.yaml": "stages:\n  a:\n    cdm: echo\n" },
    commands: [
      ["metrics", "show", "--json"],
      ["metrics", "show"],
      ["metrics", "diff", "--json"],
      ["metrics", "diff"],
      ["params", "diff", "--json"],
      ["plots", "show", "--json"],
      ["plots", "diff", "--json"],
      ["diff", "--json"],
      ["dag"],
    ],
  },
};
