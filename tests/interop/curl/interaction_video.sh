# A question about a video; file_uri is read once more, without its quotes.
file_uri=$(jq -r ".file.uri" file_info.json)
curl -X POST "https://generativelanguage.googleapis.com/v1beta/interactions" \
  -H "x-goog-api-key: $GEMINI_API_KEY" \
  -H 'Content-Type: application/json' \
  -d '{
    "model": "gemini-3.8-flash",
    "input": [
      {"type": "video", "uri": "'${file_uri}'", "mime_type": "'${MIME_TYPE}'"},
      {"type": "text", "text": "What happens here?"}
    ]
  }' 2> /dev/null > response.json

jq ".steps[].content[0].text" response.json
