curl "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.0-flash:streamGenerateContent?alt=sse&key=${GEMINI_API_KEY}" \
    -H 'Content-Type: application/json' \
    --no-buffer \
    -d '{
      "contents": [{
        "parts":[
          {"text": "PROMPT"},
          {"file_data":{"mime_type": "PROMPT_TYPE", "file_uri": '$file_uri'}}]
        }]
       }' 2> /dev/null
