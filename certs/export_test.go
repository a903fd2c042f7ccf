package certs

// Document is what a certificate's pages are drawn from.
var Document = document
