// @google/genai and file search stores, called as its documentation does
import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { GoogleGenAI } from '@google/genai';
import { address, answerLines, key, model } from './lines.mjs';

const ai = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: address } });
const stores = ai.fileSearchStores;

async function finished(operation) {
  while (!operation.done) {
    await setTimeout(50);
    operation = await ai.operations.get({ operation });
  }
  return operation;
}

await answerLines({
  create: ({ display_name: displayName }) => stores.create({ config: { displayName } }),
  get: ({ name }) => stores.get({ name }),
  async list() {
    const names = [];
    for await (const store of await stores.list({ config: { pageSize: 2 } })) {
      names.push(store.name);
    }
    return names;
  },
  async upload({ store, path, is_blob: isBlob, config }) {
    const file = isBlob ? new Blob([await readFile(path)], { type: config.mimeType }) : path;
    return finished(await stores.uploadToFileSearchStore({ fileSearchStoreName: store, file, config }));
  },
  async import({ store, path, config }) {
    const file = await ai.files.upload({ file: path, config: { mimeType: 'text/plain' } });
    return finished(await stores.importFile({ fileSearchStoreName: store, fileName: file.name, config }));
  },
  document: ({ name }) => stores.documents.get({ name }),
  async documents({ store }) {
    const names = [];
    for await (const document of await stores.documents.list({ parent: store, config: { pageSize: 2 } })) {
      names.push(document.name);
    }
    return names;
  },
  async remove({ name, force }) {
    await stores.documents.delete({ name, config: { force } });
  },
  async delete({ name, force }) {
    await stores.delete({ name, config: { force } });
  },
  async ask({ store, text }) {
    const tools = [{ fileSearch: { fileSearchStoreNames: [store] } }];
    const answer = await ai.models.generateContent({ model, contents: text, config: { tools } });
    return answer.candidates[0].groundingMetadata.groundingChunks;
  },
});
