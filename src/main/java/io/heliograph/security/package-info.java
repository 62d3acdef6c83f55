/**
 * Who may do what: API keys and their scopes, browser tokens, origins, the filter chains. Secrets
 * are kept as hashes and compared in constant time.
 */
@NullMarked
package io.heliograph.security;

import org.jspecify.annotations.NullMarked;
