export default {
  // The package is found, and left alone, where it would be installed.
  resolve: { preserveSymlinks: true },
  test: { include: ['dist/*.vitest.test.ts'] },
};
