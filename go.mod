module github.com/massho/massho

go 1.26.0

require (
	charm.land/bubbletea/v2 v2.0.8 // the console's event loop and key parser
	github.com/boombuler/barcode v1.1.0 // QR codes on papers and screens
	github.com/charmbracelet/x/ansi v0.11.8 // widths and cutting of console text, as bubbletea does it
	github.com/gdamore/tcell/v3 v3.6.0 // terminal emulator with wide characters for the framebuffer
	github.com/inconshreveable/mousetrap v1.1.0 // tells a double click from a command line on Windows
	github.com/jaypipes/ghw v0.26.0 // host facts from firmware tables
	github.com/klauspost/compress v1.18.5 // zstd for the initramfs
	github.com/makiuchi-d/gozxing v0.1.1 // tests: reads the QR codes back
	github.com/mattn/go-runewidth v0.0.24 // widths of kanji in the console
	github.com/rogpeppe/go-internal v1.16.0 // tests: testscript for the commands
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3 // the Statement's schema, on issue and on verification
	github.com/secure-systems-lab/go-securesystemslib v0.11.1 // DSSE envelopes
	github.com/signintech/gopdf v0.33.0 // the pages
	github.com/smallstep/pkcs7 v0.2.3 // parses and checks CMS signatures
	github.com/spf13/cobra v1.10.2 // commands
	github.com/u-root/gobusybox/src v0.0.0-20250101170133-2e884e4509c7 // builds u-root's commands for the initramfs
	github.com/u-root/mkuimage v0.0.0-20250905073043-9a40452f5d3b // assembles the initramfs
	github.com/u-root/u-root v0.16.0 // init, shell and cpio of the boot image
	github.com/u-root/uio v0.0.0-20240224005618-d2acac8f3701 // readers for u-root's cpio
	github.com/ulikunitz/xz v0.5.15 // kernel modules that Debian ships compressed
	github.com/xuri/excelize/v2 v2.10.0 // XLSX rosters and ledgers
	github.com/youmark/pkcs8 v0.0.0-20240726163527-a2c0da244d78 // keys under a passphrase (PKCS#8, PBES2)
	github.com/yuin/goldmark v1.8.7 // the manual as HTML on the stick
	golang.org/x/image v0.47.0 // outlines to pixels on the framebuffer; photographs scaled on papers
	golang.org/x/sys v0.49.0 // system calls of devices/linux and bootimage/early
	golang.org/x/term v0.46.0 // passphrases typed without echo
	golang.org/x/text v0.43.0 // Shift_JIS for Excel
)

require github.com/pdfcpu/pdfcpu v0.11.1

require (
	github.com/atotto/clipboard v0.1.4 // indirect
	github.com/aymanbagabas/go-osc52/v2 v2.0.1 // indirect
	github.com/aymanbagabas/go-udiff v0.4.1 // indirect
	github.com/charmbracelet/bubbles v0.15.1-0.20230123181021-a6a12c4a31eb // indirect
	github.com/charmbracelet/bubbletea v0.24.1 // indirect
	github.com/charmbracelet/colorprofile v0.4.3 // indirect
	github.com/charmbracelet/lipgloss v0.7.1 // indirect
	github.com/charmbracelet/ultraviolet v0.0.0-20260811164956-006e29f97886 // indirect
	github.com/charmbracelet/x/exp/golden v0.0.0-20250806222409-83e3a29d542f // indirect
	github.com/charmbracelet/x/term v0.2.2 // indirect
	github.com/charmbracelet/x/termios v0.1.1 // indirect
	github.com/charmbracelet/x/windows v0.2.2 // indirect
	github.com/clipperhouse/displaywidth v0.11.0 // indirect
	github.com/clipperhouse/uax29/v2 v2.7.0 // indirect
	github.com/containerd/console v1.0.4-0.20230706203907-8f6c4e4faef5 // indirect
	github.com/dustin/go-humanize v1.0.1 // indirect
	github.com/go-ole/go-ole v1.2.6 // indirect
	github.com/hhrutter/lzw v1.0.0 // indirect
	github.com/hhrutter/pkcs7 v0.2.0 // indirect
	github.com/hhrutter/tiff v1.0.2 // indirect
	github.com/hugelgupf/go-shlex v0.0.0-20200702092117-c80c9d0918fa // indirect
	github.com/jaypipes/pcidb v1.1.1 // indirect
	github.com/klauspost/pgzip v1.2.6 // indirect
	github.com/knz/bubbline v0.0.0-20230717192058-486954f9953f // indirect
	github.com/lucasb-eyer/go-colorful v1.4.1 // indirect
	github.com/mattn/go-isatty v0.0.20 // indirect
	github.com/mattn/go-localereader v0.0.1 // indirect
	github.com/muesli/ansi v0.0.0-20230316100256-276c6243b2f6 // indirect
	github.com/muesli/cancelreader v0.2.2 // indirect
	github.com/muesli/reflow v0.3.0 // indirect
	github.com/muesli/termenv v0.15.1 // indirect
	github.com/peterh/liner v1.2.2 // indirect
	github.com/phpdave11/gofpdi v1.0.14-0.20211212211723-1f10f9844311 // indirect
	github.com/pierrec/lz4/v4 v4.1.26 // indirect
	github.com/pkg/errors v0.9.1 // indirect
	github.com/richardlehane/mscfb v1.0.4 // indirect
	github.com/richardlehane/msoleps v1.0.4 // indirect
	github.com/rivo/uniseg v0.4.7 // indirect
	github.com/sahilm/fuzzy v0.1.0 // indirect
	github.com/spf13/pflag v1.0.9 // indirect
	github.com/tiendc/go-deepcopy v1.7.1 // indirect
	github.com/vishvananda/netlink v1.3.0 // indirect
	github.com/vishvananda/netns v0.0.4 // indirect
	github.com/xo/terminfo v0.0.0-20220910002029-abceb7e1c41e // indirect
	github.com/xuri/efp v0.0.1 // indirect
	github.com/xuri/nfp v0.0.2-0.20250530014748-2ddeb826f9a9 // indirect
	github.com/yusufpapurcu/wmi v1.2.4 // indirect
	golang.org/x/crypto v0.57.0 // indirect
	golang.org/x/exp v0.0.0-20250305212735-054e65f0b394 // indirect
	golang.org/x/mod v0.41.0 // indirect
	golang.org/x/net v0.59.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/tools v0.51.0 // indirect
	golang.org/x/xerrors v0.0.0-20200804184101-5ec99f83aff1 // indirect
	gopkg.in/yaml.v2 v2.4.0 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
	howett.net/plist v1.0.2-0.20250314012144-ee69052608d9 // indirect
	mvdan.cc/sh/v3 v3.11.0 // indirect
)
