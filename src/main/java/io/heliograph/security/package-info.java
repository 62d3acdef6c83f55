/**
 * API keys and their scopes, browser tokens, and the HTTP filter chains. API keys are kept as
 * hashes and compared in constant time.
 */
@NullMarked
package io.heliograph.security;

import org.jspecify.annotations.NullMarked;
