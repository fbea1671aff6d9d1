# A question about a document; file_uri is read once more, without its quotes.
file_uri=$(jq -r ".file.uri" file_info.json)
curl "https://generativelanguage.googleapis.com/v1beta/interactions" \
  -H "x-goog-api-key: $GEMINI_API_KEY" \
  -H 'Content-Type: application/json' \
  -X POST \
  -d '{
    "model": "gemini-3.8-flash",
    "input": [
      {"type": "document", "uri": "'$file_uri'", "mime_type": "application/pdf"},
      {"type": "text", "text": "Sum it up."}
    ]
  }' 2> /dev/null > response.json

jq ".steps[-1].content[0].text" response.json
