/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is kept at a switch lies on the stack that is left. The modes of the floating-point unit
 * (rounding, traps) are not kept: nothing here changes them, and saving them costs more than all
 * the rest. The first frame of a fiber has no caller and says so to unwinders, so that stack
 * traces end there.
 */
#include "fiber_switch.h"

#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)

enum { FIRST_ARG = 3, RETURN_ADDRESS = 6, FRAME = 9 }; /* r15 r14 r13 r12 rbx rbp */

__asm__(".text\n"
        ".globl wl_fiber_switch\n"
        ".hidden wl_fiber_switch\n"
        ".type wl_fiber_switch, @function\n"
        "wl_fiber_switch:\n"
        "  pushq %rbp\n"
        "  pushq %rbx\n"
        "  pushq %r12\n"
        "  pushq %r13\n"
        "  pushq %r14\n"
        "  pushq %r15\n"
        "  movq %rsp, (%rdi)\n"
        "  movq %rsi, %rsp\n"
        "  popq %r15\n"
        "  popq %r14\n"
        "  popq %r13\n"
        "  popq %r12\n"
        "  popq %rbx\n"
        "  popq %rbp\n"
        "  ret\n"
        ".size wl_fiber_switch, . - wl_fiber_switch\n"
        ".globl wl_fiber_start\n"
        ".hidden wl_fiber_start\n"
        ".type wl_fiber_start, @function\n"
        "wl_fiber_start:\n"
        "  .cfi_startproc\n"
        "  .cfi_undefined rip\n"
        "  movq %r12, %rdi\n"
        "  call wl_fiber_entry\n"
        "  ud2\n"
        "  .cfi_endproc\n"
        ".size wl_fiber_start, . - wl_fiber_start\n");

#elif defined(__aarch64__)

/* x19 .. x30, then d8 .. d15 */
enum { FIRST_ARG = 0, RETURN_ADDRESS = 11, FRAME = 20 };

__asm__(".text\n"
        ".globl wl_fiber_switch\n"
        ".hidden wl_fiber_switch\n"
        ".type wl_fiber_switch, %function\n"
        "wl_fiber_switch:\n"
        "  sub sp, sp, #160\n"
        "  stp x19, x20, [sp]\n"
        "  stp x21, x22, [sp, #16]\n"
        "  stp x23, x24, [sp, #32]\n"
        "  stp x25, x26, [sp, #48]\n"
        "  stp x27, x28, [sp, #64]\n"
        "  stp x29, x30, [sp, #80]\n"
        "  stp d8, d9, [sp, #96]\n"
        "  stp d10, d11, [sp, #112]\n"
        "  stp d12, d13, [sp, #128]\n"
        "  stp d14, d15, [sp, #144]\n"
        "  mov x9, sp\n"
        "  str x9, [x0]\n"
        "  mov sp, x1\n"
        "  ldp x19, x20, [sp]\n"
        "  ldp x21, x22, [sp, #16]\n"
        "  ldp x23, x24, [sp, #32]\n"
        "  ldp x25, x26, [sp, #48]\n"
        "  ldp x27, x28, [sp, #64]\n"
        "  ldp x29, x30, [sp, #80]\n"
        "  ldp d8, d9, [sp, #96]\n"
        "  ldp d10, d11, [sp, #112]\n"
        "  ldp d12, d13, [sp, #128]\n"
        "  ldp d14, d15, [sp, #144]\n"
        "  add sp, sp, #160\n"
        "  ret\n"
        ".size wl_fiber_switch, . - wl_fiber_switch\n"
        ".globl wl_fiber_start\n"
        ".hidden wl_fiber_start\n"
        ".type wl_fiber_start, %function\n"
        "wl_fiber_start:\n"
        "  .cfi_startproc\n"
        "  .cfi_undefined x30\n"
        "  mov x0, x19\n"
        "  bl wl_fiber_entry\n"
        "  brk #1\n"
        "  .cfi_endproc\n"
        ".size wl_fiber_start, . - wl_fiber_start\n");

#else
#error "workloads/fiber_switch.c knows x86-64 and arm64: please add this machine's switch"
#endif

void wl_fiber_start(void);

/* On x86-64 a function expects a stack that is a multiple of 16 before its return address was
 * pushed: with nine words below the (aligned) top, six registers and an address popped, it is. */
void *wl_fiber_first_place(char *bottom, size_t bytes, void *arg)
{
    char *end = bottom + bytes;
    void **frame = (void **)(void *)(end - ((uintptr_t)end & 15)) - FRAME;

    memset(frame, 0, FRAME * sizeof(void *));
    frame[FIRST_ARG] = arg;
    frame[RETURN_ADDRESS] = (void *)wl_fiber_start;
    return frame;
}
