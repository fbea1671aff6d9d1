# A question about a recording; file_uri has its quotes, and the shell fills the type in.
curl "https://generativelanguage.googleapis.com/v1beta/interactions" \
  -H "x-goog-api-key: $GEMINI_API_KEY" \
  -H 'Content-Type: application/json' \
  -X POST \
  -d '{
    "model": "gemini-3.8-flash",
    "input": [
      {"type": "text", "text": "What is said here?"},
      {"type": "audio", "uri": '$file_uri', "mime_type": "'${MIME_TYPE}'"}
    ]
  }' 2> /dev/null > response.json

jq ".steps[-1].content[0].text" response.json
