"""Fits HistGradientBoosting on a table of the bench, once for each number of bins that is asked for and
as often as is asked; prints CPU seconds of each fit and the AUC of each number of bins."""

import json
import sys
import time

import numpy as np
import sklearn
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

features, labels, columns, train_rows, repeats, *bins = sys.argv[1:]
train_rows = int(train_rows)
x = np.fromfile(features, dtype=np.float32).reshape(int(columns), -1).T.copy()
y = np.fromfile(labels, dtype=np.float64)
seconds = []
aucs = []
for max_bins in bins:
    for _ in range(int(repeats)):
        model = HistGradientBoostingClassifier(
            max_iter=100, learning_rate=0.1, max_leaf_nodes=31, min_samples_leaf=20,
            l2_regularization=0.0, max_bins=int(max_bins), early_stopping=False,
        )
        start = time.process_time()
        model.fit(x[:train_rows], y[:train_rows])
        seconds.append(time.process_time() - start)
    aucs.append(roc_auc_score(y[train_rows:], model.predict_proba(x[train_rows:])[:, 1]))
print(json.dumps({"version": sklearn.__version__, "seconds": seconds, "aucs": aucs}))
