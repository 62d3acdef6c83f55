/**
 * QR login over HTTP: the endpoints for browsers, phones and backends, the two pages, the QR
 * images.
 */
@NullMarked
package io.heliograph.login.web;

import org.jspecify.annotations.NullMarked;
