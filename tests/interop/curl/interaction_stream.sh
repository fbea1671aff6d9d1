# The answer in pieces, in the revision of the API that older pages name; file_uri has its quotes.
curl -X POST "https://generativelanguage.googleapis.com/v1beta/interactions" \
  -H "x-goog-api-key: $GEMINI_API_KEY" \
  -H "Content-Type: application/json" \
  -H "Api-Revision: 2026-05-20" \
  --no-buffer \
  -d '{
    "model": "gemini-3-flash-preview",
    "input": [
      {"type": "text", "text": "And in short?"},
      {"type": "document", "uri": '$file_uri', "mime_type": "text/plain"}
    ],
    "stream": true
  }' 2> /dev/null
