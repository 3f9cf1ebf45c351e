# SPDX-License-Identifier: GPL-2.0-only
# The demo program. The top Makefile includes this and has the rule that compiles.

WORKLOAD_SRC := $(sort $(wildcard workloads/*.c))
WORKLOAD_OBJ := $(WORKLOAD_SRC:%.c=$(OBJ)/%.o)
WORKLOAD_PKG := libcurl libmicrohttpd gnutls

$(WORKLOAD_OBJ): private override CFLAGS += -pthread $(shell pkg-config --cflags $(WORKLOAD_PKG) 2>/dev/null)

$(WORKLOAD): $(WORKLOAD_OBJ) $(OUT)/flags
	$(call say,LINK,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(WORKLOAD_OBJ) -pthread -lm \
	    $(shell pkg-config --libs $(WORKLOAD_PKG) 2>/dev/null || echo -lcurl -lmicrohttpd -lgnutls)
