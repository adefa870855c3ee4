/**
 * Commits follow Conventional Commits, with a subject of at most 72 characters.
 * `.ci/run` checks every commit after the one that adopted the convention (`LAST_UNCHECKED_COMMIT` there).
 */
export default {
  extends: ['@commitlint/config-conventional'],
  rules: {
    'subject-max-length': [2, 'always', 72],
    // Bodies quote commands, addresses and tables, which have no room for a line break.
    'body-max-line-length': [0],
    'footer-max-line-length': [0],
  },
};
