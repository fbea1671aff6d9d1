# The answer in pieces; file_uri is set.
curl "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse&key=${GEMINI_API_KEY}" \
  -H 'Content-Type: application/json' \
  --no-buffer \
  -d '{"contents": [{"parts":[{"text": "And in short?"}, {"file_data":{"mime_type": "text/plain", "file_uri": '$file_uri'}}]}]}' \
  2> /dev/null
