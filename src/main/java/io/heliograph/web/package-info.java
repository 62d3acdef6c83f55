/** HTTP plumbing: request ids, body limits, strict JSON, problems over HTTP, static files. */
@NullMarked
package io.heliograph.web;

import org.jspecify.annotations.NullMarked;
