"""Whether this machine has a Vulkan device.

Filament ends the whole process when it finds none, so it must be asked for beforehand.
"""

from __future__ import annotations

import ctypes

LIBRARY = "libvulkan.so.1"
PACKAGES = "mesa-vulkan-drivers libvulkan1"


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


def vulkan_problem() -> str | None:
    """Why no Vulkan device can be used, in a few words; None if there is one."""
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError:
        return f"{LIBRARY} is not installed"
    instance = ctypes.c_void_p()
    info = _InstanceCreateInfo(structure_type=1)
    result = library.vkCreateInstance(ctypes.byref(info), None, ctypes.byref(instance))
    if result != 0:
        return f"no Vulkan driver is installed (vkCreateInstance: {result})"
    devices = ctypes.c_uint32(0)
    library.vkEnumeratePhysicalDevices(instance, ctypes.byref(devices), None)
    library.vkDestroyInstance(instance, None)
    return None if devices.value else "the Vulkan drivers find no device"
