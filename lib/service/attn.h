/* The C interface of attn: models that answer requests in JSON, as attn translate --json-lines
   does. app/README.md has examples. All texts are UTF-8. Any number of threads may call the
   functions; a model answers one request after the other. */
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

#define ATTN_EXPORT __attribute__((visibility("default")))

/* A loaded model. */
typedef struct attn_model attn_model;

/* Loads a model directory, a packed file, or the best model of a run directory. `threads` worker
   threads translate; 0: one per processor. Returns null if that fails: see attn_error. */
ATTN_EXPORT attn_model* attn_open(const char* path, int threads);

/* Answers a request, a JSON object:
     {"source": TEXT}, with the options of JSON lines   translates
     {"task": "align", "source": TEXT, "target": TEXT}  adds "links" and "log_prob"
     {"task": "score", "source": TEXT, "target": TEXT}  adds "log_prob" and "tokens"
   The answer has the fields of the request and those of the result. Returns null if the request
   cannot be answered: see attn_error. The answer is to be released with attn_free. */
ATTN_EXPORT char* attn_answer(attn_model* model, const char* request);

/* Releases an answer. */
ATTN_EXPORT void attn_free(char* answer);

/* Returns the message of the last error of this thread, "" if there was none. It is valid until the
   next call of a function by this thread. */
ATTN_EXPORT const char* attn_error(void);

/* Releases a model. No other thread may be using it. Null is allowed. */
ATTN_EXPORT void attn_close(attn_model* model);

/* Returns the version of the library, such as "0.1.0". */
ATTN_EXPORT const char* attn_version(void);

#ifdef __cplusplus
}
#endif
