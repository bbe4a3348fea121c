"""Which Vulkan devices this machine has.

Filament ends the whole process when it finds none, so it must be asked for beforehand.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Literal, get_args

from assets_index.errors import EngineError

LIBRARY = "libvulkan.so.1"
PACKAGES = "mesa-vulkan-drivers libvulkan1"


Kind = Literal["other", "integrated", "discrete", "virtual", "cpu"]
"""In the order of VkPhysicalDeviceType."""


class NoVulkan(EngineError):
    """This machine has no Vulkan."""


class _InstanceCreateInfo(ctypes.Structure):
    """VkInstanceCreateInfo; https://registry.khronos.org/vulkan/specs/latest/man/html/VkInstanceCreateInfo.html."""

    _fields_ = (
        ("structure_type", ctypes.c_int32),
        ("next", ctypes.c_void_p),
        ("flags", ctypes.c_uint32),
        ("application_info", ctypes.c_void_p),
        ("layer_count", ctypes.c_uint32),
        ("layers", ctypes.c_void_p),
        ("extension_count", ctypes.c_uint32),
        ("extensions", ctypes.c_void_p),
    )


class _PhysicalDeviceProperties(ctypes.Structure):
    """The beginning of VkPhysicalDeviceProperties, and room for its limits.

    https://registry.khronos.org/vulkan/specs/latest/man/html/VkPhysicalDeviceProperties.html
    """

    _fields_ = (
        ("versions_and_ids", ctypes.c_uint32 * 4),
        ("kind", ctypes.c_uint32),
        ("name", ctypes.c_char * 256),
        ("rest", ctypes.c_uint64 * 512),
    )


@dataclass(frozen=True)
class VulkanDevice:
    """What a driver says of a device.

    Attributes:
        name: e.g. "llvmpipe (LLVM 15.0.6, 256 bits)".
        kind: "integrated" and "discrete" ones are GPUs.
    """

    name: str
    kind: Kind

    @property
    def is_gpu(self) -> bool:
        """Whether it is more than a program on the CPU."""
        return self.kind in ("integrated", "discrete")


def vulkan_problem() -> str | None:
    """Why no Vulkan device can be used, in a few words; None if there is one."""
    try:
        devices = vulkan_devices()
    except NoVulkan as error:
        return str(error)
    return None if devices else "the Vulkan drivers find no device"


def vulkan_devices() -> list[VulkanDevice]:
    """The devices of this machine; Filament takes a discrete one before an integrated one before all others.

    Raises:
        NoVulkan: if there is no loader or no driver.
    """
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError as error:
        raise NoVulkan(f"{LIBRARY} is not installed") from error
    instance = ctypes.c_void_p()
    info = _InstanceCreateInfo(structure_type=1)
    result = library.vkCreateInstance(ctypes.byref(info), None, ctypes.byref(instance))
    if result != 0:
        raise NoVulkan(f"no Vulkan driver is installed (vkCreateInstance: {result})")
    count = ctypes.c_uint32(0)
    library.vkEnumeratePhysicalDevices(instance, ctypes.byref(count), None)
    handles = (ctypes.c_void_p * count.value)()
    library.vkEnumeratePhysicalDevices(instance, ctypes.byref(count), handles)
    devices = [_described(library, handle) for handle in handles]
    library.vkDestroyInstance(instance, None)
    return devices


def _described(library: ctypes.CDLL, handle: int | None) -> VulkanDevice:
    properties = _PhysicalDeviceProperties()
    library.vkGetPhysicalDeviceProperties(ctypes.c_void_p(handle), ctypes.byref(properties))
    return VulkanDevice(properties.name.decode(errors="replace"), get_args(Kind)[properties.kind])
