"""Records what scikit-learn (metrics, coefficients) and mpmath (exp, log) say, for test/models and test/core.

    pip install scikit-learn==1.9.1 mpmath==1.4.1
    python record.py            # writes the *.json files beside it
"""

import json
import warnings
from pathlib import Path

import mpmath
import numpy as np
import sklearn
from sklearn import metrics as m
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LogisticRegression

HERE = Path(__file__).parent
rng = np.random.default_rng(20261123)
warnings.simplefilter("ignore")


def write(name, tool, cases):
    lines = ",\n".join("  " + json.dumps(case, separators=(",", ":")) for case in cases)
    head = json.dumps(tool)
    (HERE / name).write_text('{"tool": %s, "cases": [\n%s\n]}\n' % (head, lines))


SKLEARN = {"name": "scikit-learn", "version": sklearn.__version__, "numpy": np.__version__}


def class_values(y, p, w, k):
    predicted = p.argmax(axis=1)
    out = {
        "accuracy": m.accuracy_score(y, predicted, sample_weight=w),
        "balanced_accuracy": m.balanced_accuracy_score(y, predicted, sample_weight=w),
        "log_loss": m.log_loss(y, p, sample_weight=w, labels=list(range(k))),
    }
    if k == 2:
        s = p[:, 1]
        out["precision"] = m.precision_score(y, predicted, sample_weight=w, zero_division=np.nan)
        out["recall"] = m.recall_score(y, predicted, sample_weight=w, zero_division=np.nan)
        out["f1"] = m.f1_score(y, predicted, sample_weight=w, zero_division=np.nan)
        both = len(set(y[w > 0])) == 2
        out["roc_auc"] = m.roc_auc_score(y, s, sample_weight=w) if both else None
        out["pr_auc"] = m.average_precision_score(y, s, sample_weight=w) if y[w > 0].any() else None
        out["brier"] = m.brier_score_loss(y, s, sample_weight=w)
    else:
        for average in ("macro", "weighted"):
            for name, score in (("precision", m.precision_score), ("recall", m.recall_score), ("f1", m.f1_score)):
                out[f"{name}_{average}"] = score(y, predicted, sample_weight=w, average=average, zero_division=0)
        every = len(set(y[w > 0])) == k
        one_hot = np.eye(k)[y]
        out["roc_auc"] = m.roc_auc_score(y, p, sample_weight=w, multi_class="ovr", average="macro") if every else None
        out["pr_auc"] = m.average_precision_score(one_hot, p, sample_weight=w, average="macro") if every else None
        out["brier"] = m.brier_score_loss(y, p, sample_weight=w, labels=list(range(k)), scale_by_half=False)
    confusion = m.confusion_matrix(y, predicted, sample_weight=w, labels=list(range(k)))
    return {name: nan_to_none(value) for name, value in out.items()}, confusion.tolist()


def nan_to_none(value):
    return None if value is None or np.isnan(value) else float(value)


def class_case(name, y, p, w=None, curves=False):
    w = np.ones(len(y), dtype=int) if w is None else w
    values, confusion = class_values(y, p, w, p.shape[1])
    case = {
        "name": name, "classCount": p.shape[1], "labels": y.tolist(), "scores": p.ravel().tolist(),
        "weights": w.tolist(), "metrics": values, "confusion": confusion,
    }
    if curves:
        fpr, tpr, _ = m.roc_curve(y, p[:, 1], drop_intermediate=False)
        precision, recall, _ = m.precision_recall_curve(y, p[:, 1])
        observed, predicted = calibration_curve(y, p[:, 1], n_bins=10)
        case["curves"] = {
            "fpr": fpr.tolist(), "tpr": tpr.tolist(),
            "precision": precision[::-1].tolist(), "recall": recall[::-1].tolist(),
            "observed": observed.tolist(), "predicted": predicted.tolist(),
        }
    return case


def binary(n, signal=1.0, decimals=None, share=0.4):
    y = (rng.random(n) < share).astype(int)
    s = 1 / (1 + np.exp(-(rng.normal(size=n) + signal * (2 * y - 1))))
    if decimals is not None:
        s = np.round(s, decimals)
    return y, np.column_stack([1 - s, s])


def multi(n, k, decimals=None):
    y = rng.integers(0, k, n)
    raw = rng.normal(size=(n, k)) + 1.2 * np.eye(k)[y]
    p = np.exp(raw) / np.exp(raw).sum(axis=1, keepdims=True)
    if decimals is not None:
        p = np.round(p, decimals)
        p[:, -1] = 1 - p[:, :-1].sum(axis=1)
    return y, p


cases = [class_case("binary", *binary(200), curves=True)]
cases.append(class_case("binary, ties", *binary(150, decimals=1), curves=True))
y, p = binary(120, decimals=1)
cases.append(class_case("binary, ties, weights", y, p, rng.integers(0, 4, 120)))
cases.append(class_case("binary, rare class", *binary(90, signal=0.3, share=0.05)))
y, p = binary(40)
cases.append(class_case("binary, scores all equal", y, np.full((40, 2), 0.5)))
cases.append(class_case("binary, certain and wrong", np.array([0, 1, 1, 0]), np.array([[0.0, 1], [1, 0], [0, 1], [1, 0]])))
cases.append(class_case("binary, only negatives", np.zeros(30, dtype=int), p[:30]))
cases.append(class_case("binary, only positives", np.ones(30, dtype=int), p[:30]))
cases.append(class_case("multiclass", *multi(180, 4)))
y, p = multi(150, 3, decimals=1)
cases.append(class_case("multiclass, ties, weights", y, p, rng.integers(0, 3, 150)))
y, p = multi(60, 4)
cases.append(class_case("multiclass, a class absent", np.where(y == 2, 0, y), p))
write("classification.json", SKLEARN, cases)

cases = []
for name, n, scale in (("plain", 120, 1.0), ("large numbers", 80, 1e6)):
    y = rng.normal(size=n) * scale + scale
    f = y + rng.normal(size=n) * scale / 3
    w = rng.integers(0, 4, n)
    cases.append({
        "name": name, "labels": y.tolist(), "scores": f.tolist(), "weights": w.tolist(),
        "metrics": {
            "rmse": m.root_mean_squared_error(y, f, sample_weight=w),
            "mae": m.mean_absolute_error(y, f, sample_weight=w),
            "r2": m.r2_score(y, f, sample_weight=w),
        },
    })
write("regression.json", SKLEARN, cases)

cases = []
for name, n, k, c in (("binary", 200, 2, 1.0), ("binary, weak penalty", 150, 2, 100.0), ("binary, no penalty", 300, 2, np.inf),
                      ("multinomial", 240, 3, 1.0), ("multinomial, strong penalty", 200, 4, 0.05)):
    x = (rng.normal(size=(n, 4)) * [1, 5, 0.1, 1] + [0, 10, 0, -1]).astype(np.float32)
    y = (x[:, 0] + 0.3 * (x[:, 1] - 10) + rng.normal(size=n) * 1.5)
    y = np.digitize(y, np.quantile(y, np.linspace(0, 1, k + 1)[1:-1]))
    fit = LogisticRegression(C=c, tol=1e-14, max_iter=100000, solver="newton-cg" if k > 2 else "newton-cholesky")
    fit.fit(x.astype(np.float64), y)
    cases.append({
        "name": name, "classCount": k, "l2": 0 if np.isinf(c) else 1 / c, "columns": x.T.astype(np.float64).tolist(), "labels": y.tolist(),
        "coefficients": fit.coef_.tolist(), "intercepts": fit.intercept_.tolist(),
        "probabilities": fit.predict_proba(x.astype(np.float64))[:5].tolist(),
    })
write("logistic-regression.json", SKLEARN, cases)

mpmath.mp.dps = 40


def wide(value):
    """30 digits, and what the nearest double leaves of them."""
    return mpmath.nstr(value, 30), float(value - mpmath.mpf(float(value)))


spread = [0.0, 1.0, -1.0, 1e-300, -1e-20, 0.5, 709.7, -708.3, -744.0, -745.1, 0.34657359027997264, 0.3465735902799727]
xs = [float(x) for x in np.concatenate([spread, rng.uniform(-40, 40, 120), rng.uniform(-745, 709, 60), rng.normal(size=60) * 1e-3])]
exps = [[x, *wide(mpmath.exp(mpmath.mpf(x)))] for x in xs]
spread = [1.0, 2.0, 0.5, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 0.7071067811865475, 0.7071067811865476, 1.0000000000000002, 0.9999999999999999]
xs = [float(x) for x in np.concatenate([spread, rng.uniform(0.5, 2, 120), 10 ** rng.uniform(-300, 300, 60), 1 + rng.normal(size=60) * 1e-6])]
logs = [[x, *wide(mpmath.log(mpmath.mpf(x)))] for x in xs]
write("elementary-functions.json", {"name": "mpmath", "version": mpmath.__version__, "digits": 30}, [{"name": "exp", "values": exps}, {"name": "log", "values": logs}])
