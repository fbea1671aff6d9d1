"""The offline server: the Gemini Files API on this machine, without a key and without a model.

It imports nothing of the rest of the package, so that it is an independent
witness of what the client does.  Where to look:

- :mod:`.launcher` finds or starts the server of a user (standard library only);
- :mod:`.serve` is the process: options, signals, idle stop;
- :mod:`.connections` is what comes before a request: how many, how slow, how long a head;
- :mod:`.application` lists the routes and guards the doors (:mod:`.doors`);
- :mod:`.handler` is the life of a request, :mod:`.answering` what its answer looks like;
- :mod:`.resumable`, :mod:`.single_request` and :mod:`.legacy` speak the upload protocols
  over :mod:`.sessions` and :mod:`.receiving`; :mod:`.upload_handler` is what they share;
- :mod:`.storage` keeps files: metadata in :mod:`.catalogue`, bytes in :mod:`.blobs`;
- :mod:`.generate` and :mod:`.interactions` answer prompts, :mod:`.control` and :mod:`.faults` are for tests;
- :mod:`.testing` has ``OfflineServer``, for anybody's own tests.
"""
