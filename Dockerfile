# syntax=docker/dockerfile:1
# One image for every role: `edge`, `analytics`, `import`, … are the container's command.

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
# node and npm build the dashboard.
RUN apt-get update && apt-get install -y --no-install-recommends nodejs npm && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# A server set-up has its own ClickHouse: the embedded one (some 570 MB) stays out of the image.
RUN dotnet publish Weir/Weir.csproj -c Release -o /app -p:EmbeddedClickHouse=false

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app .
RUN mkdir /data && chown "$APP_UID" /data
USER $APP_UID
VOLUME /data
EXPOSE 8080 8090
ENTRYPOINT ["dotnet", "/app/weir.dll"]
CMD ["--help"]
