# A question about a text, as a document.
curl -X POST "https://generativelanguage.googleapis.com/v1beta/interactions" \
  -H "x-goog-api-key: $GEMINI_API_KEY" \
  -H 'Content-Type: application/json' \
  -d '{
    "model": "gemini-3.8-flash",
    "input": [
      {"type": "text", "text": "How does it go on?"},
      {"type": "document", "uri": '$file_uri', "mime_type": "'${MIME_TYPE}'"}
    ]
  }' 2> /dev/null > response.json

jq ".steps[-1].content[0].text" response.json
