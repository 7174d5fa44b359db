#!/usr/bin/perl
# An SMS centre on Net::SMPP (Debian: libnet-smpp-perl), another implementation of SMPP 3.4, for one client.
# Prints one JSON line a fact: {"port":N}, then each PDU received as {"command":…, fields as Net::SMPP names them,
# strings of octets in hexadecimal}. Ends when the client unbinds.
use strict;
use warnings;
use JSON::PP;
use Net::SMPP;

$| = 1;
my $json = JSON::PP->new->canonical;
my $server = Net::SMPP->new_listen('127.0.0.1', port => 0, smpp_version => 0x34) or die "no port: $!";
print $json->encode({ port => $server->sockport }), "\n";
my $client = $server->accept or die "no client: $!";
my $count = 0;
my %state;

sub tell_pdu {
  my ($command, $pdu) = @_;
  my %told = (command => $command, status => $pdu->{status});
  for my $field (qw(system_id password source_addr_ton source_addr_npi source_addr dest_addr_ton dest_addr_npi
    destination_addr esm_class priority_flag validity_period registered_delivery data_coding message_id)) {
    $told{$field} = $pdu->{$field} if defined $pdu->{$field};
  }
  for my $field (qw(short_message user_message_reference sar_msg_ref_num sar_total_segments sar_segment_seqnum)) {
    $told{$field} = unpack('H*', $pdu->{$field}) if defined $pdu->{$field};
  }
  print $json->encode(\%told), "\n";
}

sub send_receipt {
  my ($id, $pdu) = @_;
  $client->deliver_sm(
    async => 1,
    source_addr_ton => 1, source_addr_npi => 1, source_addr => $pdu->{destination_addr},
    dest_addr_ton => 5, dest_addr_npi => 0, destination_addr => $pdu->{source_addr},
    esm_class => 0x04, data_coding => 0,
    short_message => "id:$id sub:001 dlvrd:001 submit date:2601011200 done date:2601011201 stat:DELIVRD err:000 text:",
    receipted_message_id => "$id\0", message_state => pack('C', 2),
    user_message_reference => $pdu->{user_message_reference},
  );
}

while (my $pdu = $client->read_pdu()) {
  my $command = Net::SMPP::pdu_tab->{$pdu->{cmd}}{cmd} // sprintf('%#x', $pdu->{cmd});
  my $seq = $pdu->{seq};
  tell_pdu($command, $pdu);
  if ($command eq 'bind_transceiver') { $client->bind_transceiver_resp(system_id => 'perl', seq => $seq) }
  elsif ($command eq 'enquire_link') { $client->enquire_link_resp(seq => $seq) }
  elsif ($command eq 'submit_sm') {
    my $id = sprintf 'perl-%d', ++$count;
    # The second one waits on its phone: it may be called back.
    $state{$id} = $count == 2 ? 1 : 2;
    $client->submit_sm_resp(message_id => $id, seq => $seq);
    send_receipt($id, $pdu) if $state{$id} == 2;
  }
  elsif ($command eq 'query_sm') {
    my $state = $state{$pdu->{message_id}};
    $client->query_sm_resp(message_id => $pdu->{message_id}, final_date => '', message_state => $state // 0,
      error_code => 0, status => defined $state ? 0 : 0x67, seq => $seq);
  }
  elsif ($command eq 'cancel_sm') {
    my $waits = ($state{$pdu->{message_id}} // 0) == 1;
    $state{$pdu->{message_id}} = 4 if $waits;
    $client->cancel_sm_resp(status => $waits ? 0 : 0x11, seq => $seq);
  }
  elsif ($command eq 'unbind') { $client->unbind_resp(seq => $seq); last }
}
