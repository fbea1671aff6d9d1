/** TypeScript and ES modules as jest wants them. */
const { transformSync } = require('esbuild');

module.exports = {
  process(source, path) {
    const loader = path.endsWith('x') ? 'tsx' : path.endsWith('.ts') ? 'ts' : 'js';
    return transformSync(source, {
      loader,
      format: 'cjs',
      jsx: 'automatic',
      target: 'es2022',
      sourcemap: 'inline',
      sourcefile: path
    });
  }
};
