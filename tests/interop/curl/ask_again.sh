# A second question about the same file; file_uri is set.
curl "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent?key=$GEMINI_API_KEY" \
  -H 'Content-Type: application/json' \
  -X POST \
  -d '{"contents": [{"parts":[{"file_data":{"file_uri": "'$file_uri'"}}, {"text": "And now?"}]}]}' \
  2> /dev/null > response.json
