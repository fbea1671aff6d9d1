# A text without any protocol: the body is the file.
curl -H "Content-Type: text/plain" -H "X-goog-api-key: $GEMINI_API_KEY" -X POST -d "@${TEXT_PATH}" \
  "https://generativelanguage.googleapis.com/upload/v1beta/files" > file_info.json
