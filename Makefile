# massho (抹消): build, show, test. Every target installs what it needs
# (Debian packages, by .ci/need) or names the one command that does.

GO      ?= go
OUT     := out
BIN     := $(OUT)/bin
CACHE   ?= $(CURDIR)/.cache
FONTS   := certs/fonts/ttf/BIZUDPGothic-Regular.ttf bootimage/fbterm/font/ttf/BIZUDGothic-Regular.ttf
LDFLAGS := -s -w
BUILD   := CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)'

# Packages with tests that boot virtual machines.
VM_TESTS = $(shell git grep -lF vmtest.Need -- '*_test.go' | xargs -n1 dirname | sort -u | sed 's,^,./,')

# What the demo's virtual machine and image need, and what judges our output.
IMAGE_PKGS := mtools dosfstools grub-common grub-pc-bin grub-efi-ia32-bin
VM_PKGS    := $(IMAGE_PKGS) qemu-system-x86 qemu-utils ovmf e2fsprogs ntfs-3g exfatprogs testdisk
JUDGE_PKGS := poppler-utils qpdf gdisk openssl hdparm nvme-cli sg3-utils smartmontools qemu-block-extra zstd fonts-ipamj-mincho

export MASSHO_CACHE := $(CACHE)

.PHONY: all build demo test test-vm image lint fuzz bench campaign fonts clean need-vm need-judges

all: build

fonts: $(FONTS)

certs/fonts/ttf/BIZUDPGothic-Regular.ttf: certs/fonts/fetch.sh
	certs/fonts/fetch.sh $(CACHE)/fonts certs/fonts/ttf

bootimage/fbterm/font/ttf/BIZUDGothic-Regular.ttf: bootimage/fbterm/font/fetch.sh
	bootimage/fbterm/font/fetch.sh $(CACHE)/fonts bootimage/fbterm/font/ttf

build: fonts
	mkdir -p $(BIN)
	GOOS=linux GOARCH=amd64 $(BUILD) -o $(BIN)/massho ./cmd/massho
	for p in massho-office massho-verify; do \
	  GOOS=linux   GOARCH=amd64 $(BUILD) -o $(BIN)/$$p ./cmd/$$p && \
	  GOOS=windows GOARCH=amd64 $(BUILD) -o $(BIN)/$$p.exe ./cmd/$$p && \
	  GOOS=darwin  GOARCH=arm64 $(BUILD) -o $(BIN)/$$p-macos-arm64 ./cmd/$$p && \
	  GOOS=darwin  GOARCH=amd64 $(BUILD) -o $(BIN)/$$p-macos-amd64 ./cmd/$$p || exit 1; done

need-vm:
	.ci/need $(VM_PKGS)

need-judges:
	.ci/need $(VM_PKGS) $(JUDGE_PKGS)

image: build
	.ci/need $(IMAGE_PKGS)
	$(BIN)/massho image -o $(OUT)/massho.img

demo: need-vm build
	$(GO) run ./bootimage/vmtest/demo -bin $(BIN) -out $(OUT)/demo

# Fast ones first; then the few virtual machines that CI has time for.
test: need-judges build
	$(GO) vet ./...
	$(GO) test ./...
	MASSHO_VM=1 MASSHO_BIN=$(CURDIR)/$(BIN) $(GO) test -count=1 -p 1 -timeout 15m $(VM_TESTS)

test-vm: need-judges build
	mkdir -p $(OUT)
	MASSHO_VM=all MASSHO_BIN=$(CURDIR)/$(BIN) $(GO) test -count=1 -p 1 -timeout 120m -v $(VM_TESTS) 2>&1 | tee $(OUT)/test-vm.log

lint:
	$(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0 run ./...

# Each fuzzer for FUZZTIME.
FUZZTIME ?= 60s
fuzz:
	@grep -rlE '^func Fuzz' --include='*_test.go' . | xargs -n1 dirname | sort -u | while read -r d; do \
	  for f in $$(grep -hoE '^func Fuzz[A-Za-z0-9_]*' $$d/*_test.go | cut -c6-); do \
	    echo "$$d $$f"; $(GO) test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) $$d || exit 1; done; done

# Seeded schedules of faults, techniques and power cuts: make campaign N=5000.
N ?= 5000
campaign:
	$(GO) test ./wipe/campaign -run TestCampaign -count=1 -timeout 60m -args -schedules $(N)

bench: build
	.ci/need nwipe fio coreutils util-linux
	$(GO) run ./wipe/bench -bin $(BIN) -out $(OUT)/bench

clean:
	rm -rf $(OUT)
