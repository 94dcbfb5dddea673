"""LoRA's linear layer as one node of the autograd graph.

    y = x Wᵀ + s (x Aᵀ) Bᵀ        W frozen (out, in), A (rank, in), B (out, rank)

``peft`` computes the same with seven nodes, and keeps what each of them needs. On a
CPU, where a layer of a small model takes a millisecond, the nodes and the passes
over memory between them are a tenth of the time of training (docs/training.md).
Over a base in bfloat16, all products are in bfloat16; A, B and their gradients stay
float32.
"""

from functools import partial
from typing import Any

import torch
from peft.tuners import lora


def use_one_product(model: Any) -> None:
    """Let every plain LoRA layer of a peft model compute in one node.

    A layer that is anything else (dropout, DoRA, a bias of its own) keeps what peft
    computes.
    """
    for module in model.modules():
        if isinstance(module, lora.Linear) and _is_plain(module):
            module.forward = partial(_forward, module)


def _is_plain(module: Any) -> bool:
    if len(module.active_adapters) != 1 or module.merged:
        return False
    name = module.active_adapters[0]
    return (
        type(module.base_layer) is torch.nn.Linear
        and isinstance(module.lora_dropout[name], torch.nn.Identity)
        and not module.use_dora[name]
        and not module.lora_bias[name]
    )


def _forward(module: Any, x: torch.Tensor) -> torch.Tensor:
    name = module.active_adapters[0]
    base = module.base_layer
    product: torch.Tensor = _Product.apply(  # type: ignore[no-untyped-call]
        x,
        base.weight,
        base.bias,
        module.lora_A[name].weight,
        module.lora_B[name].weight,
        module.scaling[name],
    )
    return product


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        x: torch.Tensor,  # (…, in)
        weight: torch.Tensor,
        bias: torch.Tensor | None,
        a: torch.Tensor,
        b: torch.Tensor,
        scale: float,
    ) -> torch.Tensor:
        a, b = a.to(weight.dtype), b.to(weight.dtype)
        rows = x.reshape(-1, x.shape[-1])
        low = rows @ a.t()
        y = torch.nn.functional.linear(rows, weight, bias)
        y.addmm_(low, b.t(), alpha=scale)
        ctx.save_for_backward(rows, low, weight, a, b)
        ctx.scale, ctx.shape = scale, x.shape
        return y.view(*x.shape[:-1], -1)

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        rows, low, weight, a, b = ctx.saved_tensors
        out = grad.reshape(-1, grad.shape[-1])
        low_grad = out @ b
        x_grad = None
        if ctx.needs_input_grad[0]:
            x_grad = (out @ weight).addmm_(low_grad, a, alpha=ctx.scale)
            x_grad = x_grad.view(ctx.shape)
        a_grad = (low_grad.t() @ rows).float().mul_(ctx.scale)
        b_grad = (out.t() @ low).float().mul_(ctx.scale)
        return x_grad, None, None, a_grad, b_grad, None
