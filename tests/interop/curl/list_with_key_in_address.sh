# All files, as in the reference.
echo "Files:"
curl "https://generativelanguage.googleapis.com/v1beta/files?key=$GEMINI_API_KEY"
