import numpy as np
import matplotlib.pyplot as plt
from matplotlib.backends.backend_pdf import PdfPages

t = np.linspace(0, 20, 500)

with PdfPages("pendulum.pdf") as pdf:
    fig, ax = plt.subplots(figsize=(8.27, 11.69 / 2))
    for damping in (0.05, 0.15, 0.4):
        ax.plot(t, np.exp(-damping * t) * np.cos(2 * t), label=f"γ = {damping}")
    ax.set_title("Damped pendulum")
    ax.set_xlabel("time (s)")
    ax.set_ylabel("angle (rad)")
    ax.grid(True, alpha=0.3)
    ax.legend()
    pdf.savefig(fig)
    plt.close(fig)

    fig = plt.figure(figsize=(8.27, 6))
    ax = fig.add_subplot(projection="3d")
    x, y = np.meshgrid(np.linspace(-3, 3, 30), np.linspace(-3, 3, 30))
    ax.plot_surface(x, y, np.sin(np.hypot(x, y)), cmap="viridis")
    ax.set_title("Potential")
    pdf.savefig(fig)
    plt.close(fig)
    pdf.infodict()["Title"] = "Pendulum lab"
print("2 pages written")
