// @google/generative-ai, the old SDK
import { readFile } from 'node:fs/promises';
import { GoogleGenerativeAI } from '@google/generative-ai';
import { GoogleAIFileManager } from '@google/generative-ai/server';
import { address, answerLines, key, model } from './lines.mjs';

const options = { baseUrl: address };
const files = new GoogleAIFileManager(key, options);
const gemini = new GoogleGenerativeAI(key).getGenerativeModel({ model }, options);
const prompt = ({ uri, mime_type: mimeType, text }) => [{ fileData: { fileUri: uri, mimeType } }, { text }];

await answerLines({
  async upload({ path, mime_type: mimeType, display_name: displayName, is_stream: isBuffer }) {
    const source = isBuffer ? await readFile(path) : path;
    return (await files.uploadFile(source, { mimeType, displayName })).file;
  },
  get: ({ name }) => files.getFile(name),
  async list({ page_size: pageSize }) {
    const names = [];
    let pageToken;
    do {
      const page = await files.listFiles({ pageSize, pageToken });
      names.push(...page.files.map((file) => file.name));
      pageToken = page.nextPageToken;
    } while (pageToken);
    return names;
  },
  async delete({ name }) {
    await files.deleteFile(name);
  },
  async ask(given) {
    return (await gemini.generateContent(prompt(given))).response.text();
  },
  async stream(given) {
    const pieces = [];
    for await (const piece of (await gemini.generateContentStream(prompt(given))).stream) {
      pieces.push(piece.text());
    }
    return pieces;
  },
});
