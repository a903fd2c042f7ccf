// Package certs turns what happened to one medium into a paper that a clerk
// can read and an auditor can check years later, offline.
//
// A Statement is the certificate's data. It is wrapped in an in-toto Statement
// v1, signed by the stick's key as a DSSE envelope, attached to an A4 page
// that shows it, and the whole file is signed again as PAdES. Journal and
// signed case are attached too, so that the checker needs nothing but the file
// and a trust root.
//
// The page is a pure function of the Statement and a layout version. The
// checker (certs/verify) derives the outcome again with the function that the
// planner used (rules.Derive), renders the page again and compares.
//
// Nothing here reads the clock, prints, or touches a file system.
package certs
