/**
 * Requests to the backend on behalf of clients: calls, uploads, and the check of what clients
 * publish.
 */
@NullMarked
package io.heliograph.upstream;

import org.jspecify.annotations.NullMarked;
