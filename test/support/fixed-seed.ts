import fc from "fast-check";

/** Laws are tried on the same values every time; FC_SEED explores others. */
fc.configureGlobal({ seed: Number(process.env["FC_SEED"] ?? 20_261_124) });
