/** Tests run in jsdom; esbuild takes the types off, `npm run check` looks at them. */
const modern = ['@jupyterlab', '@jupyter', '@rjsf', 'lib0', 'y-protocols', 'nanoid', 'uuid'];

module.exports = {
  testEnvironment: 'jsdom',
  testMatch: ['<rootDir>/tests/**/*.test.ts', '<rootDir>/tests/**/*.test.tsx'],
  transform: { '\\.[jt]sx?$': '<rootDir>/tests/esbuild-transform.cjs' },
  transformIgnorePatterns: [`/node_modules/(?!(${modern.join('|')})/)`],
  moduleNameMapper: { '\\.(svg|css)$': '<rootDir>/tests/asset.cjs' },
  errorOnDeprecated: true,
  restoreMocks: true
};
